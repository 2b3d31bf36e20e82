// `permissions` of channels in a configuration file: who may do what there, besides what the policy says. Several add up, and
// deny wins.
//
//   permissions:
//     - allow: [publish, subscribe]     or deny; one word or several, or all
//       roles: shop                     one or several; neither roles nor identities: everyone
//       identities: [ada, worker-1]
import { type Checks, sayBad } from "./checks.js";
import { unknownKey } from "./nearest.js";
import type { Tree, Wrong } from "./yaml-tree.js";

export interface ChannelPermission {
  allows: boolean;
  operations: readonly string[];
  roles: readonly string[];
  identities: readonly string[];
}

const keys = ["allow", "deny", "roles", "identities"];
const expected = "allow or deny, and whom it is for: roles, identities, or neither for everyone";

export function readPermissions(tree: Tree, checks: Checks, told: Wrong): ChannelPermission[] {
  const wrong: Wrong = (line, what) => told(line, `channels: permissions: ${what}`);
  if (tree.kind === "list") return tree.items.flatMap((item) => readPermission(item, checks, wrong) ?? []);
  wrong(tree.line, `expected a list, each with ${expected}`);
  return [];
}

function readPermission(tree: Tree, checks: Checks, wrong: Wrong): ChannelPermission | undefined {
  if (tree.kind !== "map") {
    wrong(tree.line, `expected ${expected}`);
    return undefined;
  }
  for (const { key, line } of tree.entries) if (!keys.includes(key)) wrong(line, unknownKey(key, keys));
  const found = (key: string) => tree.entries.find((entry) => entry.key === key)?.value;
  const [allow, deny] = [found("allow"), found("deny")];
  const named = allow ?? deny;
  if (named === undefined || (allow !== undefined && deny !== undefined)) {
    wrong(tree.line, "expected either allow or deny");
    return undefined;
  }
  const operations = wordsOf(named);
  try {
    checks.operations?.(...operations);
  } catch (thrown) {
    wrong(named.line, `${allow === undefined ? "deny" : "allow"}: ${sayBad(named, thrown)}`);
  }
  const names = (key: string) => readNames(key, found(key), wrong);
  return { allows: allow !== undefined, operations, roles: names("roles"), identities: names("identities") };
}

/** An empty list would be for everyone, which nobody means by it. */
function readNames(key: string, tree: Tree | undefined, wrong: Wrong): string[] {
  if (tree === undefined) return [];
  const names = wordsOf(tree);
  if (names.length === 0 || names.includes("")) wrong(tree.line, `${key}: expected a name, or a list of them`);
  return names;
}

/** One word, or a list of them; what is no word is an empty one. */
const wordsOf = (tree: Tree): string[] =>
  (tree.kind === "list" ? tree.items : [tree]).map((item) => (item.kind === "text" ? item.text : ""));
