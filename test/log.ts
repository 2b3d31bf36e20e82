// A log for a test: its lines as texts.
import { createLog, type Log } from "../src/log/log.js";

/** Adds each line to `lines`: the message, and the fields behind it but for the node. Those of level debug it leaves out. */
export const collect = (lines: string[]): Log =>
  createLog((level, fields, message) => {
    if (level === "debug") return;
    const words = Object.entries(fields)
      .filter(([key, value]) => value !== undefined && key !== "node")
      .map(([key, value]) => ` ${key}=${String(value)}`);
    lines.push(message + words.join(""));
  });
