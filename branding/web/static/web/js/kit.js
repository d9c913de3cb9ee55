// The kit: sliders say their value, the colour well and the written colour agree.

for (const output of document.querySelectorAll("output[data-unit]")) {
  const input = document.getElementById(output.htmlFor.value);
  const say = () => {
    const value = Math.round(input.value * 100);
    output.textContent = `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value)}`;
  };
  input.addEventListener("input", say);
  say();
}

for (const well of document.querySelectorAll("[data-colour]")) {
  const field = document.getElementById(well.dataset.colour);
  const wear = () => document.documentElement.style.setProperty("--brand", well.value);
  well.addEventListener("input", () => {
    field.value = well.value;
    wear();
  });
  field.addEventListener("input", () => {
    if (!/^#[0-9a-f]{6}$/i.test(field.value)) return;
    well.value = field.value;
    wear();
  });
}
