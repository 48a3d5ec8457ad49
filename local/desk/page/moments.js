// Dates and amounts in the reader's own language.

const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const exact = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

const midnight = (moment) => new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime();

/** "Today", "Yesterday", or the day. */
export function dayOf(moment) {
  const days = Math.round((midnight(new Date()) - midnight(moment)) / 86400000);
  return days === 0 ? "Today" : days === 1 ? "Yesterday" : day.format(moment);
}

/** A date for an order card; text that is no date is shown as it is. */
export function dateOf(text) {
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? text : date.format(moment);
}

export const timeOf = (moment) => time.format(moment);
export const exactTimeOf = (moment) => exact.format(moment);

/** "now", "12 min", "3 h", or the day. */
export function agoOf(moment) {
  const minutes = Math.floor((Date.now() - moment.getTime()) / 60000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  return minutes < 1440 ? `${Math.floor(minutes / 60)} h` : dayOf(moment);
}

/** An amount with as many decimals as it came with. */
export function amountOf(amount, currency) {
  const decimals = (amount.split(".")[1] || "").length;
  try {
    const style = { style: "currency", currency, minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    return new Intl.NumberFormat(undefined, style).format(Number(amount));
  } catch {
    return `${amount} ${currency || ""}`.trim();
  }
}
