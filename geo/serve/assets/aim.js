// A tool without a pointer: a cross in the middle of the map while the keyboard works, and Space that clicks there.

const COLOUR = '#1f4e8c';

/**
 * Let Space click in the middle of the map while a tool is in hand.
 * @param {HTMLCanvasElement} canvas
 * @param {import('./canvas.js').MapView} map
 * @param {{tool: () => string, click: (station: any | null, x: number, y: number) => void}} act
 */
export function aim(canvas, map, act) {
  const isOn = () => act.tool() !== 'look' && canvas.matches(':focus-visible');
  const middle = () => map.toStudy(map.width / 2, map.height / 2);
  canvas.addEventListener('keydown', event => {
    if (event.key !== ' ') return;
    event.preventDefault();
    if (act.tool() !== 'look') act.click(null, middle()[0], middle()[1]);
  });
  canvas.addEventListener('focus', () => map.drawHand());
  canvas.addEventListener('blur', () => map.drawHand());
  map.above.push(context => {
    if (!isOn()) return;
    const x = map.width / 2, y = map.height / 2;
    context.strokeStyle = COLOUR;
    context.lineWidth = 1.5;
    context.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + 4 * dx, y + 4 * dy);
      context.lineTo(x + 14 * dx, y + 14 * dy);
    }
    context.stroke();
  });
}
