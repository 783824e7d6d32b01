run test drills bench:
	python3 dev.py $@
