// Goes on once every frame of the page has loaded; without this script the Refresh header does it.

const onward = document.querySelector("[data-onward] a");
if (document.readyState === "complete") {
  location.replace(onward.href);
} else {
  addEventListener("load", () => location.replace(onward.href));
}
