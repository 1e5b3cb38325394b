let isInstalled = false;

/**
 * Lets xterm's DOM renderer colour its text: it writes colours as `style` attributes on elements it takes from the
 * global document, and the content security policy refuses such attributes. From here on a `<span>` that is given a
 * `style` attribute by script gets the same through the object model, which the policy allows. Only called where WebGL
 * is missing; harmless to repeat, and to everything else on the page.
 */
export function allowInlineColours(): void {
  if (isInstalled) return;
  isInstalled = true;
  const create = document.createElement.bind(document);
  const creating = (name: string, options?: ElementCreationOptions): HTMLElement => {
    const element = create(name, options);
    if (name === "span") redirectStyle(element);
    return element;
  };
  document.createElement = creating as typeof document.createElement;
}

function redirectStyle(element: HTMLElement): void {
  const setAttribute = element.setAttribute.bind(element);
  element.setAttribute = (name, value) => {
    if (name === "style") element.style.cssText = value;
    else setAttribute(name, value);
  };
}
