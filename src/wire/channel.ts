// Channel names. The syntax is narrow so that a name can stand in a Redis key between the braces of a hash tag,
// in a file name, on a command line and in a URL path without quoting.
import { RepriseError } from "./errors.js";

export const maxChannelLength = 120;

const syntax = /^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/;

/** Returns the name, or throws `invalid_channel` saying what is allowed. */
export function checkChannel(name: string): string {
  if (name.length <= maxChannelLength && syntax.test(name)) return name;
  const shown =
    name.length > 40 ? `${JSON.stringify(name.slice(0, 40))}… (${name.length} characters)` : JSON.stringify(name);
  throw new RepriseError(
    "invalid_channel",
    `channel name ${shown} is not valid: allowed are 1 to ${maxChannelLength} of A-Z a-z 0-9 . _ : / @ -, the first a letter or a digit`,
  );
}
