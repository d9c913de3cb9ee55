// A new schedule starts with the time zone of this device.
const zone = document.querySelector("[data-zone]:not([data-zone-chosen])");
if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? zone.value;
