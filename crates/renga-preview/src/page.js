'use strict';
const changes = [...document.querySelectorAll('.change')];
const filter = document.getElementById('filter');
const count = document.getElementById('count');
if (filter) {
  const apply = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const change of changes) {
      const text = change.textContent.toLowerCase();
      change.hidden = !words.every((word) => text.includes(word));
      if (!change.hidden) shown += 1;
    }
    count.textContent = `${shown} of ${changes.length}`;
  };
  filter.addEventListener('input', apply);
  document.getElementById('open').addEventListener('click', () => changes.forEach((change) => { change.open = true; }));
  document.getElementById('close').addEventListener('click', () => changes.forEach((change) => { change.open = false; }));
  apply();
}
