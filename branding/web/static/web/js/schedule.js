// A new schedule starts with the time zone of this device.
for (const zone of document.querySelectorAll("[data-zone]:not([data-zone-chosen])")) {
  zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? zone.value;
}
