// How messages and gaps are printed.
import { isUtf8 } from "node:buffer";
import { type ChannelGap, describeGap, type Message } from "../client/index.js";
import { note, print } from "./output.js";

export const messageFields = "channel, epoch, offset, time, publisher, headers, data, encoding (text or base64)";

function toJson(message: Message): string {
  const { channel, epoch, offset, storedAt, publisher, headers, data } = message;
  const encoding = isUtf8(data) ? "text" : "base64";
  return JSON.stringify({
    channel,
    epoch,
    offset,
    time: new Date(storedAt).toISOString(),
    publisher,
    headers,
    data: data.toString(encoding === "text" ? "utf8" : "base64"),
    encoding,
  });
}

/** A message as a line: its data byte by byte, behind its channel and a tab if asked for; or JSON. */
export function printMessage(message: Message, as: { json: boolean; prefix: boolean }): Promise<unknown> | undefined {
  if (as.json) return print(toJson(message));
  return print(as.prefix ? Buffer.concat([Buffer.from(`${message.channel}\t`), message.data]) : message.data);
}

/** A gap as a line on stderr; with JSON among the data too, so that no program misses it. */
export function printGap(gap: ChannelGap, as: { json: boolean }): Promise<unknown> | undefined {
  note(`gap: ${describeGap(gap)}`);
  return as.json ? print(JSON.stringify({ gap })) : undefined;
}

/** Without control characters: what others say must not drive the terminal. */
export const plain = (text: string): string => text.replace(/\p{Cc}/gu, "\u{fffd}");
