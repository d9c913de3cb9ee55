// A new plan is on this device's clock, until somebody says otherwise.
const zone = document.querySelector("[data-zone]:not([data-said])");
if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? zone.value;
