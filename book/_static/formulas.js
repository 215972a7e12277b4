// Only pages with formulas load this: MathJax with its settings, of which it reads the first while it starts.
window.MathJax = {
  options: { enableMenu: false, ignoreHtmlClass: "ek-page", processHtmlClass: "math" }, // text with signs of TeX is text
};
const mathjax = document.createElement("script");
mathjax.src = new URL("tex-mml-svg.js", document.currentScript.src).href;
document.head.append(mathjax);
