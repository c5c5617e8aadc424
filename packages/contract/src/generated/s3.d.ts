// Written by `npm run generate`. Do not edit.
import type { ServiceModel } from "../model.ts";
export declare const s3Model: ServiceModel;
