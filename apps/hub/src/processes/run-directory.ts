import { chmod, mkdir, stat } from "node:fs/promises";

/** The directory, made if need be. @throws when somebody else could put his sockets and process ids there */
export async function openRunDirectory(path: string): Promise<void> {
  // Whatever the process's umask.
  const made = await mkdir(path, { recursive: true });
  if (made !== undefined) await chmod(path, 0o750);
  const problem = problemOf(await stat(path), process.geteuid?.());
  if (problem !== undefined) throw new Error(`--run: ${path} ${problem}`);
}

/** Why this user must not use a directory of such an owner and mode. */
export function problemOf({ uid, mode }: { uid: number; mode: number }, self: number | undefined): string | undefined {
  if (uid !== 0 && uid !== self) return `belongs to user ${uid}: give it to the hub's user, or name another directory`;
  if ((mode & 0o002) === 0) return undefined;
  return "can be written by everybody: chmod o-w it, or name another directory";
}
