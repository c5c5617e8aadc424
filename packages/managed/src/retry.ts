import { WriteConflict } from "@hearth/backplane";

const ATTEMPTS = 20;

/** Read, decide, commit: when somebody else committed in between, all three again. */
export async function retryOnConflict<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = ATTEMPTS; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof WriteConflict) || left <= 1) throw error;
    }
  }
}
