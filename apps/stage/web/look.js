// Sizes, gaps, dashes and colours: tokens.json, which the server writes into the page's head.

/** @type {any} */
export const LOOK = JSON.parse(document.getElementById("look")?.textContent || "null");

/**
 * Return a role's colour as CSS.
 * @param {string | null | undefined} role
 */
export const colour = (role) => `var(--${role || "ink"})`;

/**
 * Return the style that makes a role's colour that of a widget.
 * @param {string | null | undefined} role
 */
export const tinted = (role) => `--c:${colour(role)}`;

/**
 * Return "#rrggbb" as [r, g, b].
 * @param {string} hex
 */
export const parsed = (hex) => [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16));

/**
 * Return a role's colour as [r, g, b] in the theme of now.
 * @param {string} role
 */
export const rgb = (role) =>
  parsed(getComputedStyle(document.documentElement).getPropertyValue(`--${role}`).trim());

/** Tell whether the window is too narrow for two columns; a page inside another has but one. */
export const narrow = () =>
  innerWidth < LOOK.page.bare.narrow && !("embed" in document.documentElement.dataset);
