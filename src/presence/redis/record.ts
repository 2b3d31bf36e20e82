// A member as members.lua stores and publishes it, read.
import type { Member } from "../members.js";

/** A word without spaces, for what may have some. */
export const textOf = (text: string): string => encodeURIComponent(text);

/** What was published. */
export interface News {
  /** Versions. */
  before: number;
  after: number;
  entered: Member[];
  left: string[];
}

/** The members among the fields of the members' key. What somebody else wrote there is no member. */
export function readMembers(fields: readonly string[]): Map<string, Member> {
  const members = new Map<string, Member>();
  for (let i = 0; i < fields.length; i += 2) {
    const [id, value] = [fields[i]!, fields[i + 1]!];
    const [, since, node, profile] = /^\S+ (\d+) [01] \d+ (\S*) (.*)$/s.exec(value) ?? [];
    const member = memberOf(id, since, node, profile);
    if (member !== undefined) members.set(id, member);
  }
  return members;
}

/** Undefined for what nobody of ours has published. */
export function readNews(published: Buffer): News | undefined {
  const [head = "", ...lines] = published.toString("utf8").split("\n");
  const [, before, after] = /^(\d{1,16}) (\d{1,16})$/.exec(head) ?? [];
  if (before === undefined) return undefined;
  const news: News = { before: Number(before), after: Number(after), entered: [], left: [] };
  for (const line of lines) {
    const [, id, since, node, profile] = /^\+(\S+) (\d+) (\S*) (.*)$/.exec(line) ?? [];
    const member = memberOf(id, since, node, profile);
    if (member !== undefined) news.entered.push(member);
    else if (line.startsWith("-")) news.left.push(line.slice(1));
    else return undefined;
  }
  return news;
}

function memberOf(id?: string, since?: string, node?: string, profile?: string): Member | undefined {
  if (id === undefined || profile === undefined) return undefined;
  try {
    const [name, ...words] = JSON.parse(profile) as string[];
    const metadata = words.flatMap((key, i) => (i % 2 === 0 ? [{ key, value: words[i + 1]! }] : []));
    return { id, name: name!, metadata, node: decodeURIComponent(node!), sinceMs: Number(since) };
  } catch {
    return undefined;
  }
}
