// A select with data-guess-zone takes the browser's own time zone, unless the person has chosen already.
document.addEventListener('DOMContentLoaded', () => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  document.querySelectorAll('select[data-guess-zone]').forEach((select) => {
    const known = [...select.options].some((option) => option.value === zone);
    if (known && !select.closest('form').querySelector('.errors')) select.value = zone;
  });
});
