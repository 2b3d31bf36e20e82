// Traffic as it was, and then not quite: frames and bytes of a connection that a seeded random number damages.
import type { Random } from "../../torture/random.js";
import { preface } from "../scenarios/raw.js";
import { callBlock, frame, header, types } from "./frames.js";

/** The client's first words, without settings. */
const magic = preface.subarray(0, 24);

/** A connection in pieces: what is not HTTP/2 is one. */
export function piecesOf(bytes: Buffer): Buffer[] {
  if (!bytes.subarray(0, magic.length).equals(magic)) return [bytes];
  const pieces: Buffer[] = [magic];
  let at = magic.length;
  while (bytes.length - at >= 9) {
    const end = Math.min(bytes.length, at + 9 + bytes.readUIntBE(at, 3));
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  if (at < bytes.length) pieces.push(bytes.subarray(at));
  return pieces;
}

type Damage = (pieces: Buffer[], random: Random, others: readonly (readonly Buffer[])[]) => void;

/** A piece that is a frame of this type; undefined: there is none. */
function findFrame(pieces: readonly Buffer[], random: Random, type: number): number | undefined {
  const found = pieces.flatMap((piece, index) => (index > 0 && piece.length > 9 && piece[3] === type ? [index] : []));
  return found.length === 0 ? undefined : random.pick(found);
}

const anywhere = (pieces: readonly Buffer[], random: Random): number => random.between(0, pieces.length - 1);

/** Changes the bytes of one piece, in a copy. */
function edit(pieces: Buffer[], index: number, change: (bytes: Buffer) => void): void {
  const copy = Buffer.from(pieces[index]!);
  change(copy);
  pieces[index] = copy;
}

const paths = ["/reprise.v1.Broker/Connect", "/reprise.v1.Admin/Drain2", "/", "", "/grpc.health.v1.Health/Watch"];
const oddHeaders: Record<string, string>[] = [
  { "content-type": "text/html" },
  { "grpc-encoding": "gzip" },
  { "grpc-encoding": "deflate" },
  { "grpc-timeout": "1n" },
  { "grpc-timeout": "-1S" },
  { te: "" },
  { "x-bin": "AAA" },
  { authorization: "Bearer a" },
  { "content-length": "1" },
];

const damages: Record<string, Damage> = {
  flip(pieces, random) {
    edit(pieces, anywhere(pieces, random), (bytes) => {
      if (bytes.length > 0) bytes[random.between(0, bytes.length - 1)]! ^= 1 << random.between(0, 7);
    });
  },
  overwrite(pieces, random) {
    edit(pieces, anywhere(pieces, random), (bytes) => {
      const at = random.between(0, bytes.length);
      for (let i = at; i < Math.min(bytes.length, at + 8); i++) bytes[i] = random.between(0, 255);
    });
  },
  truncate(pieces, random) {
    const index = anywhere(pieces, random);
    pieces[index] = pieces[index]!.subarray(0, random.between(0, pieces[index]!.length));
  },
  stop(pieces, random) {
    pieces.length = random.between(1, pieces.length);
  },
  duplicate(pieces, random) {
    const index = anywhere(pieces, random);
    pieces.splice(index, 0, ...Array<Buffer>(random.between(1, 30)).fill(pieces[index]!));
  },
  swap(pieces, random) {
    const [a, b] = [anywhere(pieces, random), anywhere(pieces, random)];
    [pieces[a], pieces[b]] = [pieces[b]!, pieces[a]!];
  },
  drop(pieces, random) {
    pieces.splice(anywhere(pieces, random), 1);
  },
  stranger(pieces, random, others) {
    pieces.splice(anywhere(pieces, random) + 1, 0, random.pick(random.pick(others)));
  },
  /** The prefix of a gRPC message lies about its length. */
  length(pieces, random) {
    const index = findFrame(pieces, random, types.data);
    if (index === undefined) return;
    edit(pieces, index, (bytes) => {
      if (bytes.length >= 14) bytes.writeUInt32BE(random.pick([0, 1, 100, 2 ** 16, 2 ** 21, 2 ** 31, 2 ** 32 - 1]), 10);
    });
  },
  /** … or about being compressed. */
  compressed(pieces, random) {
    const index = findFrame(pieces, random, types.data);
    if (index === undefined) return;
    edit(pieces, index, (bytes) => {
      bytes[9] = random.pick([1, 2, 255]);
    });
  },
  type(pieces, random) {
    const index = anywhere(pieces, random);
    if (pieces[index]!.length < 9) return;
    edit(pieces, index, (bytes) => {
      bytes[3] = random.between(0, 12);
    });
  },
  flags(pieces, random) {
    const index = anywhere(pieces, random);
    if (pieces[index]!.length < 9) return;
    edit(pieces, index, (bytes) => {
      bytes[4] = random.between(0, 255);
    });
  },
  stream(pieces, random) {
    const index = anywhere(pieces, random);
    if (index === 0) return;
    edit(pieces, index, (bytes) => {
      if (bytes.length >= 9) bytes.writeUInt32BE(random.pick([0, 1, 2, 3, 5, 7, 2 ** 31 - 1, 2 ** 32 - 1]), 5);
    });
  },
  headers(pieces, random) {
    const index = findFrame(pieces, random, types.headers);
    if (index === undefined) return;
    const old = pieces[index]!;
    const block = callBlock(random.pick(paths), random.pick(oddHeaders));
    pieces[index] = frame(types.headers, old[4]!, old.readUInt32BE(5), block);
  },
  trailers(pieces, random) {
    const index = findFrame(pieces, random, types.data);
    if (index === undefined) return;
    const stream = pieces[index]!.readUInt32BE(5);
    pieces.splice(index, 0, frame(types.headers, random.pick([4, 5]), stream, header("grpc-status", "0")));
  },
};

/** Damages a copy, once to four times. What was done stands in `how`. */
export function mutate(
  original: readonly Buffer[],
  random: Random,
  others: readonly (readonly Buffer[])[],
): { bytes: Buffer; how: string[] } {
  const pieces = [...original];
  const how = Array.from({ length: random.between(1, 4) }, () => random.pick(Object.keys(damages)));
  for (const name of how) if (pieces.length > 0) damages[name]!(pieces, random, others);
  return { bytes: Buffer.concat(pieces), how };
}
