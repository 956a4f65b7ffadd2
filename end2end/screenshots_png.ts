import { crc32, deflateSync, inflateSync } from "node:zlib";

/** As many as a palette holds. */
const COLOURS = 256;
const SIGNATURE = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");

/** Pixels without transparency, three bytes each, row after row. */
interface Pixels {
  width: number;
  height: number;
  bytes: Uint8Array;
}

/** Colours of a picture, as `0xrrggbb`, and how many pixels have each. */
type Counts = Map<number, number>;

/**
 * The same picture with a palette: a third of the size. Flat areas keep their
 * exact colour; what is lost is shades at the edges of letters.
 */
export function withPalette(png: Buffer): Buffer {
  const pixels = decode(png);
  const counts = count(pixels);
  const palette = choose(counts);
  const nearest = new Map([...counts.keys()].map((colour) => [colour, indexOf(palette, colour)]));

  const { width, height, bytes } = pixels;
  // Every row begins with the number of its filter: none, the best for palettes.
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      rows[y * (width + 1) + x + 1] = nearest.get(colourAt(bytes, y * width + x)) ?? 0;
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3], 8); // 8 bits, indexed
  const entries = palette.flatMap((colour) => channels(colour));
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", head),
    chunk("PLTE", Buffer.from(entries)),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Reads what browsers write: 8 bits, RGB with or without alpha, not interlaced. */
function decode(png: Buffer): Pixels {
  let [width, height, step] = [0, 0, 3];
  const data: Buffer[] = [];
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString("latin1", at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + length);
    if (type === "IHDR") {
      [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)];
      step = body[9] === 6 ? 4 : 3;
    } else if (type === "IDAT") {
      data.push(body);
    }
    at += length + 12;
  }
  const raw = unfilter(inflateSync(Buffer.concat(data)), width * step, height, step);
  const bytes = step === 3 ? raw : raw.filter((_, index) => index % 4 !== 3);
  return { width, height, bytes };
}

function unfilter(raw: Buffer, length: number, height: number, step: number): Uint8Array {
  const out = new Uint8Array(length * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (length + 1)];
    for (let x = 0; x < length; x += 1) {
      const at = y * length + x;
      const left = x < step ? 0 : (out[at - step] ?? 0);
      const up = y === 0 ? 0 : (out[at - length] ?? 0);
      const corner = x < step || y === 0 ? 0 : (out[at - length - step] ?? 0);
      const guesses = [0, left, up, (left + up) >> 1, paeth(left, up, corner)];
      out[at] = (raw[at + y + 1] ?? 0) + (guesses[filter ?? 0] ?? 0);
    }
  }
  return out;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

function count({ bytes }: Pixels): Counts {
  const counts: Counts = new Map();
  for (let pixel = 0; pixel < bytes.length / 3; pixel += 1) {
    const colour = colourAt(bytes, pixel);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return counts;
}

/** Splits the colours where they differ most, until there are enough groups. */
function choose(counts: Counts): number[] {
  // The root keeps small marks in rare colours from being lost to large areas.
  const weight = (colour: number): number => Math.sqrt(counts.get(colour) ?? 0);
  const groups = [group([...counts.keys()], weight)];
  while (groups.length < Math.min(COLOURS, counts.size)) {
    groups.sort((a, b) => a.error - b.error);
    const { colours, channel, mean } = groups.pop() ?? group([], weight);
    const low = colours.filter((colour) => (channels(colour)[channel] ?? 0) <= mean);
    const high = colours.filter((colour) => (channels(colour)[channel] ?? 0) > mean);
    groups.push(group(low, weight), group(high, weight));
  }
  // A colour that is there, rather than a mean that is not.
  return groups.map(({ colours }) =>
    colours.reduce((best, colour) => (weight(colour) > weight(best) ? colour : best)),
  );
}

interface Group {
  colours: number[];
  /** The channel in which they differ most, their mean in it, and how much they differ. */
  channel: number;
  mean: number;
  error: number;
}

function group(colours: number[], weight: (colour: number) => number): Group {
  const total = colours.reduce((sum, colour) => sum + weight(colour), 0);
  const spreads = [0, 1, 2].map((channel) => {
    const value = (colour: number): number => channels(colour)[channel] ?? 0;
    const mean = colours.reduce((sum, colour) => sum + weight(colour) * value(colour), 0) / total;
    const error = colours.reduce(
      (sum, colour) => sum + weight(colour) * (value(colour) - mean) ** 2,
      0,
    );
    return { colours, channel, mean, error };
  });
  return spreads.reduce((most, spread) => (spread.error > most.error ? spread : most));
}

function indexOf(palette: number[], colour: number): number {
  const [r, g, b] = channels(colour);
  let [best, least] = [0, Infinity];
  for (const [index, entry] of palette.entries()) {
    const [pr, pg, pb] = channels(entry);
    const distance = (r - pr) ** 2 + (g - pg) ** 2 + (b - pb) ** 2;
    if (distance < least) {
      [best, least] = [index, distance];
    }
  }
  return best;
}

function colourAt(bytes: Uint8Array, pixel: number): number {
  const at = pixel * 3;
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}

function channels(colour: number): [number, number, number] {
  return [colour >> 16, (colour >> 8) & 255, colour & 255];
}

function chunk(type: string, body: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(type, "latin1"), body]);
  const out = Buffer.alloc(content.length + 8);
  out.writeUInt32BE(body.length, 0);
  content.copy(out, 4);
  out.writeUInt32BE(crc32(content), content.length + 4);
  return out;
}
