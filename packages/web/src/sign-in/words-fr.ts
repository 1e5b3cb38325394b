import { errors } from "poterne-errors:fr-entry";
import { common } from "../i18n/fr/common.ts";
import { signIn } from "../i18n/fr/sign-in.ts";

/** The words of the sign-in page, in French. */
export const words = { common, signIn, errors };
