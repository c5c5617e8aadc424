import { formatArn } from "@hearth/base";
import type { Place } from "../storage/place.ts";

export const jobArn = (at: Place, jobId: string): string => formatArn("iot", at.region, at.accountId, `job/${jobId}`);

export const jobTemplateArn = (at: Place, templateId: string): string =>
  formatArn("iot", at.region, at.accountId, `jobtemplate/${templateId}`);
