// Ticks off the rules for a new password while it is typed. The server decides; this mirrors its rules
// (policies/password.toml) so that nobody has to send a form to learn them.

const CATEGORIES = [/[\p{Lu}\p{Lt}]/u, /\p{Ll}/u, /\p{Nd}/u, /[\p{P}\p{S} ]/u, /[\p{Lo}\p{Lm}]/u];
const QUIET_MS = 1200; // screen readers get one message after the typing, not one for each key

const characters = (text) => [...text.normalize("NFC")];

function countCategories(text) {
  return CATEGORIES.filter((category) => category.test(text)).length;
}

/** Whether the characters climb (or fall) one by one from first to last. */
function isRow(letters, step) {
  return letters.every((letter, i) => i === 0 || letter.codePointAt(0) - letters[i - 1].codePointAt(0) === step);
}

function hasRow(letters, size, step) {
  return letters.some((_, i) => i + size <= letters.length && isRow(letters.slice(i, i + size), step));
}

export function hasSequence(text) {
  const folded = text.normalize("NFC").toLowerCase();
  if (hasRow([...folded], 3, 0)) return true;
  const digits = folded.match(/\p{Nd}+/gu) ?? [];
  const words = (folded.match(/\p{L}+/gu) ?? []).map((word) => [...word]);
  return [1, -1].some(
    (step) =>
      digits.some((run) => hasRow([...run], 3, step)) ||
      words.some((word) => hasRow(word, word.length === 3 ? 3 : 4, step)),
  );
}

/** The words that must not occur: the username whole, and each part of a name from some letters on. */
export function containsPersonal(text, words, partMinLength) {
  const folded = text.normalize("NFC").toLowerCase();
  return words
    .flatMap((word) => [word, ...word.split(/[^\p{L}\p{Nd}]+/u)])
    .map((part) => part.normalize("NFC").toLowerCase().trim())
    .some((part) => characters(part).length >= partMinLength && folded.includes(part));
}

function rulesOf(list, box) {
  const { minLength, maxLength, minCategories, namePartMinLength, personal, personalFields, confirm } = list.dataset;
  const named = personalFields.split(" ").filter(Boolean);
  const words = () => [...JSON.parse(personal), ...named.map((name) => box.form?.elements[name]?.value ?? "")];
  return {
    length: (text) => characters(text).length >= Number(minLength) && characters(text).length <= Number(maxLength),
    categories: (text) => countCategories(text) >= Number(minCategories),
    personal: (text) => !containsPersonal(text, words(), Number(namePartMinLength)),
    sequences: (text) => !hasSequence(text),
    confirm: (text) => text === document.getElementById(confirm)?.value,
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
    for (const item of items) {
      const met = box.value !== "" && rules[item.dataset.rule](box.value);
      item.classList.toggle("is-met", met);
      item.lastChild.textContent = ` (${met ? list.dataset.met : list.dataset.unmet})`;
    }
    clearTimeout(quiet);
    if (box.value !== "") quiet = setTimeout(announce, QUIET_MS);
  };
  list.classList.add("is-live");
  (box.form ?? box).addEventListener("input", update);
  update();
}

document.querySelectorAll("[data-password-rules]").forEach(watch);
