// Dates in the reader's format, and amounts.

// The page is in English: the browser's own variant if it has one.
const english = navigator.languages.find((one) => one.startsWith("en")) || "en-GB";
const day = new Intl.DateTimeFormat(english, { weekday: "long", day: "numeric", month: "long" });
const brief = new Intl.DateTimeFormat(english, { day: "numeric", month: "short" });
const date = new Intl.DateTimeFormat(english, { day: "numeric", month: "short", year: "numeric" });
const time = new Intl.DateTimeFormat(english, { hour: "2-digit", minute: "2-digit" });
const exact = new Intl.DateTimeFormat(english, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

const midnight = (moment) => new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime();

/** "Today", "Yesterday", or the day. */
export function dayOf(moment, other = day) {
  const days = Math.round((midnight(new Date()) - midnight(moment)) / 86400000);
  return days === 0 ? "Today" : days === 1 ? "Yesterday" : other.format(moment);
}

/** A date for an order card. Text that is not a date is shown unchanged. */
export function dateOf(text) {
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? text : date.format(moment);
}

export const timeOf = (moment) => time.format(moment);
export const exactTimeOf = (moment) => exact.format(moment);

/** "now", "12 min", "3 h", or the date, for the conversation list. */
export function agoOf(moment) {
  const minutes = Math.floor((Date.now() - moment.getTime()) / 60000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  return minutes < 1440 ? `${Math.floor(minutes / 60)} h` : dayOf(moment, brief);
}

/** An amount with its currency's decimals and an unambiguous symbol, without thousands separators, as in the replies.
 * `amount` is text, such as "121.0". */
export function amountOf(amount, currency) {
  try {
    return new Intl.NumberFormat("en-US", { style: "currency", currency, useGrouping: false }).format(Number(amount));
  } catch {
    return `${amount} ${currency || ""}`.trim();
  }
}
