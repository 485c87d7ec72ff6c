// Frames of the server: length of the header, the header as JSON, then arrays, each filled up to eights of bytes.

/** @type {Record<string, any>} */
const ARRAY_TYPES = { uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, int32: Int32Array, float32: Float32Array, float64: Float64Array };
const ALIGN = 8;

/**
 * Read a frame in place; figures by station and zone are put into the header where they came as arrays.
 * @param {ArrayBuffer} buffer
 * @returns {{header: any, arrays: Record<string, any>}}
 */
export function readFrame(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  /** @type {Record<string, any>} */
  const arrays = {};
  let at = 4 + length;
  for (const [name, kind, size] of header.arrays) {
    const view = new ARRAY_TYPES[kind](buffer, at, size);
    arrays[name] = view;
    at += Math.ceil(view.byteLength / ALIGN) * ALIGN;
  }
  const { served_people: served, zone_people: zones } = arrays;
  if (served) header.figures.served_people = Array.from(served);
  if (zones) header.figures.zone_people = [0, 1, 2, 3].map(row => Array.from(zones.subarray(row * zones.length / 4, (row + 1) * zones.length / 4)));
  return { header, arrays };
}
