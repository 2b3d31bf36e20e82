// YAML as texts, lists and maps, with the lines that they stand in. Every scalar is a text, as it is in flags and in the
// environment: `1.2` and `24h` are read by whoever knows what they mean.
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";

export type Tree =
  /** "" is no value at all. */
  | { kind: "text"; line: number; text: string }
  | { kind: "list"; line: number; items: readonly Tree[] }
  | { kind: "map"; line: number; entries: readonly Entry[] };

export interface Entry {
  key: string;
  line: number;
  value: Tree;
}

/** Told what is wrong and where. */
export type Wrong = (line: number, what: string) => void;

/** An empty text is an empty map. Of a text in which something is wrong, what could be read. */
export function readYaml(text: string, wrong: Wrong): Tree {
  const lines = new LineCounter();
  const document = parseDocument(text, { schema: "failsafe", lineCounter: lines, prettyErrors: false });
  for (const { pos, message } of document.errors) wrong(lines.linePos(pos[0]).line, message);
  return document.contents === null
    ? { kind: "map", line: 1, entries: [] }
    : treeOf(document.contents, 1, (offset) => lines.linePos(offset).line, wrong);
}

type LineOf = (offset: number) => number;

/** @param parent the line of what it is a part of, for parts that stand nowhere */
function treeOf(node: unknown, parent: number, lineOf: LineOf, wrong: Wrong): Tree {
  if (isScalar(node)) {
    const line = node.range ? lineOf(node.range[0]) : parent;
    return { kind: "text", line, text: typeof node.value === "string" ? node.value : "" };
  }
  if (isSeq(node)) {
    const line = node.range ? lineOf(node.range[0]) : parent;
    return { kind: "list", line, items: node.items.map((item) => treeOf(item, line, lineOf, wrong)) };
  }
  if (isMap(node)) {
    const line = node.range ? lineOf(node.range[0]) : parent;
    const entries = node.items.map((pair) => {
      const key = treeOf(pair.key, line, lineOf, wrong);
      if (key.kind !== "text") wrong(key.line, "a key must be a word");
      const value = treeOf(pair.value, key.line, lineOf, wrong);
      return { key: key.kind === "text" ? key.text : "", line: key.line, value };
    });
    return { kind: "map", line, entries };
  }
  if (node !== null) wrong(parent, "anchors and aliases (& and *) are not supported; a pattern with * needs quotes");
  return { kind: "text", line: parent, text: "" };
}
