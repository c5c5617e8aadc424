import { UniqueViolation, WriteConflict } from "./database.ts";

/** Somebody else wrote first. */
export const isConflict = (error: unknown): boolean =>
  error instanceof WriteConflict || error instanceof UniqueViolation;

/**
 * Read, decide, commit: runs `attempt` again, from its reading, when somebody else wrote first. The last conflict is
 * thrown after `attempts` tries: then the row is contended beyond reason.
 */
export async function onConflictAgain<T>(attempt: () => Promise<T>, attempts = 20): Promise<T> {
  for (let left = attempts - 1; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left <= 0 || !isConflict(error)) throw error;
    }
  }
}
