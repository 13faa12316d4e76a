// ical.js: parses every file, and expands each series from its beginning with ICAL.Event's iterator.
//
// node icaljs.mjs LIBRARY accounts.tsv FROM TO prints a JSON line for each account: its busy time between two
// instants (seconds since 1970), merged and clipped. LIBRARY is the file of ical.js. Zones are those of the
// file's VTIMEZONE components; floating times are in the account's zone, which Intl knows.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [library, table, from, to] = process.argv.slice(2);
const { default: ICAL } = await import(pathToFileURL(library).href);
const start = Number(from), end = Number(to);

function files(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).filter((name) => name.endsWith(".ics")).map((name) => join(path, name));
}

// The seconds since 1970 of a wall-clock time in a zone of the tz database.
function zoned(wall, clock) {
  const shown = Object.fromEntries(clock.formatToParts(wall * 1000).map((part) => [part.type, Number(part.value)]));
  const { year, month, day, hour, minute, second } = shown;
  return 2 * wall - Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

function instant(time, clock) {
  if (!time.isDate && time.zone !== ICAL.Timezone.localTimezone) return time.toUnixTime();
  return zoned(Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second) / 1000, clock);
}

function blocks(component, email) {
  if (component.getFirstPropertyValue("transp") === "TRANSPARENT") return false;
  if (component.getFirstPropertyValue("status") === "CANCELLED") return false;
  return !component.getAllProperties("attendee").some((attendee) =>
    attendee.getFirstValue().toLowerCase() === `mailto:${email}` && attendee.getParameter("partstat") === "DECLINED");
}

// The starts that overrides replace, by UID.
function overridden(events, clock) {
  const starts = new Map();
  for (const event of events.filter((event) => event.isRecurrenceException())) {
    if (!starts.has(event.uid)) starts.set(event.uid, new Set());
    starts.get(event.uid).add(instant(event.recurrenceId, clock));
  }
  return starts;
}

function* occurrences(event, moved, clock) {
  if (!event.isRecurring()) {
    yield [instant(event.startDate, clock), instant(event.endDate, clock)];
    return;
  }
  const iterator = event.iterator();
  for (let next; (next = iterator.next());) {
    const low = instant(next, clock);
    if (low >= end) return;
    if (moved?.has(low)) continue;
    const details = event.getOccurrenceDetails(next);
    yield [low, instant(details.endDate, clock)];
  }
}

function* busy(file, email, clock) {
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(file, "utf-8")));
  calendar.getAllSubcomponents("vtimezone").forEach((zone) => ICAL.TimezoneService.register(zone));
  const events = calendar.getAllSubcomponents("vevent").map((item) => new ICAL.Event(item, { exceptions: [] }));
  const moved = overridden(events, clock);
  for (const event of events)
    if (blocks(event.component, email)) yield* occurrences(event, moved.get(event.uid), clock);
}

function merged(spans) {
  const union = [];
  for (const [low, high] of spans.map(([low, high]) => [Math.max(low, start), Math.min(high, end)])
    .filter(([low, high]) => low < high).sort((a, b) => a[0] - b[0])) {
    const last = union.at(-1);
    if (last && low <= last[1]) last[1] = Math.max(high, last[1]);
    else union.push([low, high]);
  }
  return union;
}

for (const line of readFileSync(table, "utf-8").trimEnd().split("\n")) {
  const [accountId, timeZone, email, path] = line.split("\t");
  const parts = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
  const clock = new Intl.DateTimeFormat("en-US", { ...parts, timeZone, hourCycle: "h23" });
  const spans = files(path).flatMap((file) => [...busy(file, email, clock)]);
  console.log(JSON.stringify({ accountId, busy: merged(spans) }));
}
