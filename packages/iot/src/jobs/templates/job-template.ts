import type { JobRules } from "../job.ts";

/** What CreateJob takes from a template for what it does not say itself. */
export interface JobTemplate {
  description: string;
  document: string;
  documentSource?: string;
  rules: JobRules;
  /** AWS's own, for everybody. */
  managed: boolean;
  /** Parameters that need no value: their placeholders become empty text. */
  optionalParameters?: readonly string[];
}
