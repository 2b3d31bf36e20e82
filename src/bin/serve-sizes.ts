// The sizes that `reprise serve` is given: what it accepts, and how much of it may be on its way.
import { Option } from "commander";
import type { NodeOptions } from "../broker/index.js";
import { parseSize } from "./quantity.js";

export interface SizeOptions {
  maxMessage?: number;
  receiveWindow?: number;
}

export const sizeOptions = () => [
  new Option("--max-message <SIZE>", "the largest message accepted (default: 1MiB)")
    .env("REPRISE_MAX_MESSAGE")
    .argParser(parseSize),
  new Option("--receive-window <SIZE>", "what a client may send before it is read, HTTP/2's window (default: 256KiB)")
    .env("REPRISE_RECEIVE_WINDOW")
    .argParser(parseSize),
];

export const sizesOf = ({ maxMessage, receiveWindow }: SizeOptions): Pick<NodeOptions, "limits" | "windowBytes"> => ({
  ...(maxMessage !== undefined && { limits: { maxMessageBytes: maxMessage } }),
  ...(receiveWindow !== undefined && { windowBytes: receiveWindow }),
});
