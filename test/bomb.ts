// A zip bomb: zeros, a thousand times smaller than what they become. Made in pieces, so that making it takes no memory either.
import { createDeflateRaw, createGzip } from "node:zlib";

const piece = Buffer.alloc(1024 * 1024);

export async function bomb(kind: "raw" | "gzip", mebibytes: number): Promise<Buffer> {
  const stream = kind === "raw" ? createDeflateRaw() : createGzip();
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  for (let i = 0; i < mebibytes; i++) {
    await new Promise<void>((resolve) => stream.write(piece, () => resolve()));
  }
  await new Promise<void>((resolve) => stream.end(resolve));
  return Buffer.concat(chunks);
}

/** The most memory that this process ever had, in bytes. */
export const peakMemory = (): number => process.resourceUsage().maxRSS * 1024;
