// Writes docs/api.md from the types of the client's public entry: what the compiler emits for them, in the order in which
// they mention each other, beginning with `connect`. And docs/configuration.md from the options of reprise serve.
//
//   npm run docs               writes it
//   npm run docs -- --check    fails if it is not what would be written
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { configurationPage } from "../src/bin/config-page.js";
import { serveOptions } from "../src/bin/serve.js";

const root = resolve(import.meta.dirname, "..");

interface Declaration {
  name: string;
  /** The comment in front of it, as text. */
  comment: string;
  code: string;
}

/** A .d.ts file as tsc writes it: members are indented, everything else begins in the first column. */
interface Module {
  declarations: Map<string, Declaration>;
  /** What it takes from other files of ours, and from which. */
  imports: Map<string, string>;
}

interface Found {
  declaration: Declaration;
  path: string;
}

const modules = new Map<string, Module>();

function moduleAt(path: string): Module {
  let module = modules.get(path);
  if (module === undefined) {
    const text = readFileSync(path, "utf8");
    module = { declarations: declarationsOf(text), imports: namesFrom(text, path) };
    modules.set(path, module);
  }
  return module;
}

/** The names in `import { … } from "./…"` and `export { … } from "./…"`, with the files they come from. */
function namesFrom(text: string, path: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const [, list, from] of text.matchAll(/^(?:import|export) (?:type )?\{([^}]*)\} from "(\.[^"]*)\.js";$/gm)) {
    for (const name of list!.split(",").filter((each) => each.trim() !== ""))
      names.set(name.trim().replace(/^type /, ""), resolve(dirname(path), `${from}.d.ts`));
  }
  return names;
}

function declarationsOf(text: string): Map<string, Declaration> {
  const declarations = new Map<string, Declaration>();
  const head =
    /^(?:\/\*\*(?:[^*]|\*(?!\/))*\*\/\n)?(?:export )?(?:declare )?(interface|type|class|function|const) (\w+)/gm;
  for (const match of text.matchAll(head)) {
    const [whole, kind, name] = match;
    const comment = /^\/\*\*[\s\S]*?\*\/\n/.exec(whole)?.[0] ?? "";
    const rest = text.slice(match.index + comment.length);
    // Up to the line in the first column that closes it.
    const end = (kind === "interface" || kind === "class" ? /^\}$/m : /^\S.*;$/m).exec(rest)!;
    const code = rest.slice(0, end.index + end[0].length).replace(/^ +#private;\n| +$/gm, "");
    declarations.set(name!, { name: name!, comment: plain(comment), code });
  }
  return declarations;
}

/** A comment without its stars. */
const plain = (comment: string): string =>
  comment
    .replace(/^\/\*\*|\*\/\n$/g, "")
    .replace(/^ \* ?/gm, "")
    .trim()
    .replace(/^@(\w+) /gm, "\n*$1:* ");

function find(name: string, path: string): Found | undefined {
  const { declarations, imports } = moduleAt(path);
  const declaration = declarations.get(name);
  if (declaration !== undefined) return { declaration, path };
  const from = imports.get(name);
  return from === undefined ? undefined : find(name, from);
}

/** What a declaration mentions of ours. */
function mentioned({ declaration, path }: Found): Found[] {
  const code = declaration.code.replace(/\/\*\*[\s\S]*?\*\/|"[^"]*"/g, "");
  const names = new Set(code.match(/\b[A-Z]\w*/g));
  names.delete(declaration.name);
  return [...names].flatMap((name) => find(name, path) ?? []);
}

function markdown(entry: string): string {
  const exported = namesFrom(readFileSync(entry, "utf8"), entry);
  const queue = ["connect", ...exported.keys()].flatMap((name) => find(name, entry) ?? []);
  if (queue.length !== exported.size + 1) throw new Error("an exported name has no declaration");
  const [first, ...others] = queue;
  const sections = new Map<string, string>();
  // What a name leads to comes before the next name.
  const visit = (found: Found) => {
    const { declaration } = found;
    if (sections.has(declaration.name)) return;
    const mentions = mentioned(found);
    sections.set(declaration.name, section(declaration, mentions, exported.has(declaration.name)));
    for (const mention of mentions) visit(mention);
  };
  visit(first!);
  for (const other of others) visit(other);
  const contents = [...sections.keys()].map((name) => `[${name}](#${name.toLowerCase()})`).join(" · ");
  return `${intro}\n${contents}\n\n${[...sections.values()].join("\n")}`;
}

const intro = `# The TypeScript client

<!-- Written by "npm run docs" from the types in src/client. Do not edit. -->

What \`import { … } from "reprise"\` gives. The [README](../README.md) has an example, [examples](../examples) has more, and
the codes of errors are listed in [protocol.md](protocol.md#codes).
`;

function section({ name, comment, code }: Declaration, mentions: readonly Found[], isExported: boolean): string {
  const links = mentions.map(({ declaration }) => `[${declaration.name}](#${declaration.name.toLowerCase()})`);
  const parts = [
    `## ${name}`,
    ...(isExported ? [] : ["*A part of others, not exported by this name.*"]),
    ...(comment === "" ? [] : [comment]),
    // Indented as everywhere else here.
    `\`\`\`ts\n${code.replace(/^export (declare )?/, "").replace(/^(?: {4})+/gm, (spaces) => " ".repeat(spaces.length / 2))}\n\`\`\``,
    ...(links.length === 0 ? [] : [`Mentions ${links.join(", ")}.`]),
  ];
  return `${parts.join("\n\n")}\n`;
}

function emit(): string {
  const folder = mkdtempSync(join(tmpdir(), "reprise-docs-"));
  try {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const args = ["-p", "tsconfig.build.json", "--emitDeclarationOnly", "--outDir", folder];
    execFileSync(process.execPath, [tsc, ...args], { cwd: root, stdio: "inherit" });
    return markdown(join(folder, "client/index.d.ts"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const pages = { "docs/api.md": emit(), "docs/configuration.md": configurationPage(serveOptions) };
for (const [name, fresh] of Object.entries(pages)) {
  const path = join(root, name);
  if (!process.argv.includes("--check")) writeFileSync(path, fresh);
  else if (!existsSync(path) || readFileSync(path, "utf8") !== fresh) {
    console.error(`${name} is stale: run "npm run docs"`);
    process.exitCode = 1;
  }
}
