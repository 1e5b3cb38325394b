export function buildPages(): void;
