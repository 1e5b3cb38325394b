import { errors } from "poterne-errors:en-entry";
import { common } from "../i18n/en/common.ts";
import { signIn } from "../i18n/en/sign-in.ts";

/** The words of the sign-in page, in English. */
export const words = { common, signIn, errors };
