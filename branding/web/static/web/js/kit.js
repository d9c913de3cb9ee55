// The kit's form: sliders show their value, and the colour picker and the text field stay the same.

for (const output of document.querySelectorAll("output[data-unit]")) {
  const input = document.getElementById(output.htmlFor.value);
  const showValue = () => {
    const value = Math.round(input.value * 100);
    output.textContent = `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value)}`;
  };
  input.addEventListener("input", showValue);
  showValue();
}

for (const picker of document.querySelectorAll("[data-color-field]")) {
  const field = document.getElementById(picker.dataset.colorField);
  const applyColor = () => document.documentElement.style.setProperty("--brand", picker.value);
  picker.addEventListener("input", () => {
    field.value = picker.value;
    applyColor();
  });
  field.addEventListener("input", () => {
    if (!/^#[0-9a-f]{6}$/i.test(field.value)) return;
    picker.value = field.value;
    applyColor();
  });
}
