// The screen that the page stands on, a phone, a desk or a wall, which is read from afar.

const PHONE = 860;
const DESK = { width: 1700, height: 950 };
const MOST = 2.4;

export function isPhone() {
  return window.innerWidth <= PHONE;
}

/** How many times larger signs and letters are drawn than on a desk; as on the map of a run. */
export function growth() {
  return isPhone() ? 1 : Math.max(1, Math.min(MOST, window.innerWidth / DESK.width, window.innerHeight / DESK.height));
}

/** Take the measure of the window now and whenever it changes. @param {() => void} changed */
export function followScreen(changed) {
  const fit = () => {
    /** @type {HTMLElement} */ (document.querySelector('.live-page')).style.setProperty('--grow', growth().toFixed(3));
    changed();
  };
  fit();
  window.addEventListener('resize', fit);
}
