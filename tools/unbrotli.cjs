// Unpacks brotli files with what node brings: node unbrotli.cjs SOURCE TARGET [SOURCE TARGET ...]
const { createReadStream, createWriteStream } = require("node:fs");
const { pipeline } = require("node:stream/promises");
const { createBrotliDecompress } = require("node:zlib");

async function unpackAll(paths) {
  for (let place = 0; place < paths.length; place += 2) {
    await pipeline(
      createReadStream(paths[place]),
      createBrotliDecompress(),
      createWriteStream(paths[place + 1]),
    );
  }
}

unpackAll(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
