// The part of Slack for emulate.mjs.

export const service = "slack";
export const origins = ["slack"];
export const baseUrl = undefined;
export const paths = {};
export const seed = {};
export const consent = () => ({ action: "", fields: {} });
export const steps = [];
