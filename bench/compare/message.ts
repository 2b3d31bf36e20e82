// A message is its number and filling, in ASCII: as bytes or as a text it is the same size.

const digits = 10;

/** @param size in bytes, 10 or more */
export const makeMessage = (number: number, size: number): Buffer =>
  Buffer.from(String(number).padStart(digits, "0").padEnd(size, "."));

export const numberIn = (data: Uint8Array): number =>
  Number(Buffer.from(data.buffer, data.byteOffset, digits).toString("latin1"));
