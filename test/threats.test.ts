// docs/security.md names a test for each attack: it is there. And what is installed is what was looked at.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assert, suite } from "./harness.js";

const test = suite("threats");

const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

/** The rows of all tables of attacks. */
function attacks(): { attack: string; defence: string; tests: string }[] {
  const tables = read("docs/security.md").split("| attack | defence | test |\n|---|---|---|\n").slice(1);
  return tables.flatMap((table) =>
    table
      .split("\n\n", 1)[0]!
      .trim()
      .split("\n")
      .map((row) => {
        const cells = row.split("|").map((cell) => cell.trim());
        assert.is(cells.length, 5, row);
        return { attack: cells[1]!, defence: cells[2]!, tests: cells[3]! };
      }),
  );
}

test("each attack has a defence and a test, which is there", () => {
  const abuse = readdirSync(join(root, "test/abuse"))
    .map((file) => read(`test/abuse/${file}`))
    .join("");
  const rows = attacks();
  assert.ok(rows.length > 40, `${rows.length} were found`);
  for (const [i, { attack, defence, tests }] of rows.entries()) {
    assert.ok(attack !== "" && defence !== "", `row ${i}`);
    const named = [...tests.matchAll(/`(test\/[\w./-]+)`/g)].map(([, path]) => path!);
    assert.ok(named.length > 0 || (tests.startsWith("same") && i > 0), `${attack}: ${tests}`);
    for (const path of named) assert.ok(existsSync(join(root, path)), path);
    for (const [, name] of tests.matchAll(/`([a-z]+[A-Z]\w+)`/g)) assert.ok(abuse.includes(` ${name}`), name!);
  }
});

test("the tables that the threat model links to are there", () => {
  const text = read("docs/security.md");
  const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
  const links = [...text.matchAll(/\]\(#([\w-]+)\)/g)].map(([, target]) => target!);
  assert.ok(links.length >= 4);
  for (const link of links) assert.ok(headings.includes(link), link);
});

test("the lock file has the hash of each package, and is of these dependencies", () => {
  const { packages } = JSON.parse(read("package-lock.json")) as {
    packages: Record<string, { integrity?: string; dependencies?: object; devDependencies?: object }>;
  };
  const { "": own, ...others } = packages;
  const { dependencies, devDependencies } = JSON.parse(read("package.json"));
  assert.equal([own!.dependencies, own!.devDependencies], [dependencies, devDependencies]);
  const without = Object.entries(others).filter(([, { integrity = "" }]) => !integrity.startsWith("sha512-"));
  assert.equal(
    without.map(([name]) => name),
    [],
  );
});

test.run();
