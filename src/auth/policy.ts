// The policy file: which identities may do what. YAML (and so JSON).
//
//   everyone:                      # whoever is recognized
//     - allow: [subscribe]
//       channels: lobby
//   roles:
//     operator:
//       - allow: all
//         channels: "*"
//   identities:
//     ada:
//       roles: [operator]
//       rules:
//         - deny: publish
//           channels: audit.*
import { parse } from "yaml";
import { toRepriseError } from "../wire/errors.js";
import type { Permitted } from "./permissions.js";
import { checkNoOthers, invalid, isRecord, type Rule, readRules, wordsOf } from "./rules.js";

/** What somebody is granted: by name in the policy, or by the claims of a token. */
export interface Grant {
  roles: readonly string[];
  rules: readonly Rule[];
}

export interface Policy {
  everyone: readonly Rule[];
  roles: ReadonlyMap<string, readonly Rule[]>;
  identities: ReadonlyMap<string, Grant>;
}

/** Nobody may do anything but what claims grant. */
export const noPolicy: Policy = { everyone: [], roles: new Map(), identities: new Map() };

/**
 * @param path of the file, for people
 * @throws RepriseError `invalid_argument`
 */
export function readPolicy(text: string, path: string): Policy {
  const value = parseYaml(text, path) ?? {};
  if (!isRecord(value)) throw invalid(path, "expected everyone, roles and identities");
  const { everyone = [], roles = {}, identities = {}, ...others } = value;
  checkNoOthers(others, path, ["everyone", "roles", "identities"]);
  if (!isRecord(roles)) throw invalid(path, "roles: expected a list of rules for each name");
  if (!isRecord(identities)) throw invalid(path, "identities: expected roles and rules for each name");
  const policy: Policy = {
    everyone: readRules(everyone, `${path}, everyone`),
    roles: new Map(Object.entries(roles).map(([name, rules]) => [name, readRules(rules, `${path}, role ${name}`)])),
    identities: new Map(
      Object.entries(identities).map(([name, grant]) => [name, readGrant(grant, `${path}, identity ${name}`)]),
    ),
  };
  // A slip of the pen must not take away what a role would have denied.
  for (const [name, grant] of policy.identities) {
    const unknown = grant.roles.find((role) => !policy.roles.has(role));
    if (unknown !== undefined) throw invalid(path, `identity ${name}: there is no role ${JSON.stringify(unknown)}`);
  }
  return policy;
}

function parseYaml(text: string, path: string): unknown {
  try {
    return parse(text, { prettyErrors: false });
  } catch (thrown) {
    throw invalid(path, toRepriseError(thrown).message);
  }
}

/** @throws RepriseError `invalid_argument` */
export function readGrant(value: unknown, where: string): Grant {
  if (!isRecord(value)) throw invalid(where, "expected roles, rules or both");
  const { roles = [], rules = [], ...others } = value;
  checkNoOthers(others, where, ["roles", "rules"]);
  const names = wordsOf(roles);
  if (names.length === 0 && !(Array.isArray(roles) && roles.length === 0))
    throw invalid(where, "roles: expected names");
  return { roles: names, rules: readRules(rules, where) };
}

/** All rules that concern somebody. A role of a claim that the policy does not know grants nothing of the policy. */
export function rulesFor(
  { everyone, roles, identities }: Policy,
  name: string,
  claimed: Grant | undefined,
  permitted: Permitted = () => [],
): Rule[] {
  const grants = [identities.get(name), claimed].filter((grant) => grant !== undefined);
  const names = grants.flatMap((grant) => grant.roles);
  return [
    ...everyone,
    ...grants.flatMap((grant) => grant.rules),
    ...names.flatMap((role) => roles.get(role) ?? []),
    ...permitted(name, names),
  ];
}
