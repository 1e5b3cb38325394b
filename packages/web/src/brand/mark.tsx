/** The mark: a small arched door ajar, in the colour of the text around it. Decorative unless `title` is given. */
export function Mark({ size = 28, title }: { readonly size?: number; readonly title?: string }) {
  return (
    <svg
      viewBox="0 0 32 32"
      width={size}
      height={size}
      fill="currentColor"
      role={title === undefined ? "presentation" : "img"}
      aria-hidden={title === undefined}
      aria-label={title}
    >
      <path fillRule="evenodd" d="M4 30V14a12 12 0 0 1 24 0v16h-3V14a9 9 0 0 0-18 0v16z" />
      <path
        fillRule="evenodd"
        d="M9.5 30V14.2a6.5 6.5 0 0 1 7-6.48V30zm4.7-10.6a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6z"
      />
    </svg>
  );
}
