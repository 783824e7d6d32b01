// Ticks off the rules for a new password while it is typed. The server decides; this mirrors its rules
// (policies/password.toml) so that nobody has to send a form to learn them.

const CATEGORIES = [/[\p{Lu}\p{Lt}]/u, /\p{Ll}/u, /\p{Nd}/u, /[\p{P}\p{S}\p{Zs}]/u, /[\p{Lo}\p{Lm}]/u];
const QUIET_MS = 1200; // screen readers get one message after the typing, not one for each key

/** Case folding, as far as lower case differs from it in the letters of our names. */
const caseless = (text) => text.toLowerCase().replace(/ß/g, "ss").replace(/ſ/g, "s");

export const length = (text) => [...text].length;

export const countCategories = (text) => CATEGORIES.filter((category) => category.test(text)).length;

/** The longest runs of characters that belong and whose neighbours differ by the step, as [length, start]. */
function* runs(letters, step, belongs) {
  let start = 0;
  for (let i = 1; i <= letters.length; i += 1) {
    const goesOn =
      i < letters.length &&
      belongs.test(letters[i - 1]) &&
      belongs.test(letters[i]) &&
      letters[i].codePointAt(0) - letters[i - 1].codePointAt(0) === step;
    if (!goesOn) {
      yield [i - start, start];
      start = i;
    }
  }
}

function hasRun(letters, step, belongs, alone, anywhere) {
  const isEdge = (index) => letters[index] === undefined || !belongs.test(letters[index]);
  return [...runs(letters, step, belongs)].some(
    ([size, start]) => size >= anywhere || (size >= alone && isEdge(start - 1) && isEdge(start + size)),
  );
}

/** Three equal characters, three digits in a row, four letters in a row or three that stand alone. */
export function hasSequence(text) {
  const letters = [...caseless(text)];
  return (
    hasRun(letters, 0, /[^]/u, 3, 3) ||
    [1, -1].some((step) => hasRun(letters, step, /\p{Nd}/u, 3, 3) || hasRun(letters, step, /\p{L}/u, 3, 4))
  );
}

// Letters with a bar or joined into one, which no normalization form takes apart.
const BARRED = { ø: "o", ł: "l", đ: "d", ð: "d", ħ: "h", ŧ: "t", ı: "i", æ: "ae", œ: "oe", þ: "th" };

const fold = (text) =>
  caseless(text.normalize("NFKD"))
    .replace(/[øłđðħŧıæœþ]/g, (letter) => BARRED[letter])
    .normalize("NFKD")
    .replace(/\p{M}/gu, "");

const partsOf = (name) => name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/** What must not occur: the username, and each name as written, in parts, and with its parts joined. */
function personalParts(username, names) {
  const texts = names.map(fold).flatMap((name) => [name, name.replace(/['\u2019\u02bc\u2018`\u00b4]/g, "")]);
  return [fold(username), ...texts.flatMap((name) => [name, ...partsOf(name), partsOf(name).join("")])];
}

const countLetters = (text) => (text.match(/[\p{L}\p{N}]/gu) ?? []).length;

export function containsPersonal(text, username, names, partMinLength) {
  const haystack = fold(text);
  return personalParts(username, names)
    .filter((part) => countLetters(part) >= partMinLength)
    .some((part) => haystack.includes(part) || haystack.includes([...part].reverse().join("")));
}

function rulesOf(list, box) {
  const { minLength, maxLength, minCategories, namePartMinLength, username, names, personalFields, confirm } = list.dataset;
  const typed = (name) => box.form?.elements[name]?.value ?? "";
  const fields = personalFields.split(" ").filter(Boolean);
  const nameFields = fields.filter((name) => name !== "username");
  return {
    length: (text) => length(text) >= Number(minLength) && length(text) <= Number(maxLength),
    categories: (text) => countCategories(text) >= Number(minCategories),
    personal: (text) =>
      !containsPersonal(
        text,
        username || (fields.includes("username") ? typed("username") : ""),
        [...JSON.parse(names), ...nameFields.map(typed)],
        Number(namePartMinLength),
      ),
    sequences: (text) => !hasSequence(text),
    confirm: (text) => text === document.getElementById(confirm)?.value.normalize("NFC"),
  };
}

function watch(list) {
  const box = document.getElementById(list.dataset.passwordRules);
  const rules = rulesOf(list, box);
  const items = [...list.querySelectorAll("[data-rule]")];
  const progress = list.querySelector("[data-password-progress]");
  for (const item of items) {
    item.append(Object.assign(document.createElement("span"), { className: "usa-sr-only" }));
  }
  let quiet = 0;
  const announce = () => {
    const met = items.filter((item) => item.classList.contains("is-met")).length;
    progress.textContent = list.dataset.progress.replace("{met}", met).replace("{all}", items.length);
  };
  const update = () => {
    const text = box.value.normalize("NFC");
    for (const item of items) {
      const met = text !== "" && rules[item.dataset.rule](text);
      item.classList.toggle("is-met", met);
      item.lastChild.textContent = ` (${met ? list.dataset.met : list.dataset.unmet})`;
    }
    clearTimeout(quiet);
    if (text !== "") quiet = setTimeout(announce, QUIET_MS);
  };
  list.classList.add("is-live");
  (box.form ?? box).addEventListener("input", update);
  update();
}

globalThis.document?.querySelectorAll("[data-password-rules]").forEach(watch);
