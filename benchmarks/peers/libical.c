/* The same work in C: libical parses every file and expands it.
 *
 * libical accounts.tsv FROM TO [jump] prints a JSON line for each account: its busy time between two instants
 * (seconds since 1970), merged and clipped. Recurrences come from libical's own iterator, zones from the
 * file's VTIMEZONE components as libical resolves them, floating times from the account's zone.
 * Every series is expanded from its beginning, as icalcomponent_foreach_recurrence() does. With "jump", a series
 * without COUNT is expanded from ten days before FROM, which is the best that the library offers.
 *
 * cc -O2 libical.c -o libical $(pkg-config --cflags --libs libical)
 */
#include <dirent.h>
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

typedef struct { time_t start, end; } span;
typedef struct { span *items; size_t count, room; } spans;
typedef struct { const char *uid; time_t instance; } override;
typedef struct { override *items; size_t count, room; } overrides;
typedef struct { icaltimezone *zone; const char *email; time_t from, to; int jump; spans found; } account;

#define PUSH(list, item)                                                                     \
    do {                                                                                     \
        if ((list)->count == (list)->room) {                                                 \
            (list)->room = (list)->room ? 2 * (list)->room : 64;                             \
            (list)->items = realloc((list)->items, (list)->room * sizeof *(list)->items);    \
            if (!(list)->items) abort();                                                     \
        }                                                                                    \
        (list)->items[(list)->count++] = (item);                                             \
    } while (0)

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) { perror(path); exit(1); }
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *text = malloc((size_t)size + 1);
    if (!text || fread(text, 1, (size_t)size, file) != (size_t)size) abort();
    text[size] = 0;
    fclose(file);
    return text;
}

/* The instant of a date, a floating or a zoned date-time. */
static time_t instant(struct icaltimetype moment, icaltimezone *floating)
{
    const icaltimezone *zone = icaltime_is_utc(moment) ? icaltimezone_get_utc_timezone() : moment.zone;
    moment.is_date = 0;
    return icaltime_as_timet_with_zone(moment, zone ? (icaltimezone *)zone : floating);
}

static int blocks(icalcomponent *event, const char *email)
{
    icalproperty *transp = icalcomponent_get_first_property(event, ICAL_TRANSP_PROPERTY);
    if (transp && icalproperty_get_transp(transp) == ICAL_TRANSP_TRANSPARENT) return 0;
    if (icalcomponent_get_status(event) == ICAL_STATUS_CANCELLED) return 0;
    for (icalproperty *who = icalcomponent_get_first_property(event, ICAL_ATTENDEE_PROPERTY); who;
         who = icalcomponent_get_next_property(event, ICAL_ATTENDEE_PROPERTY)) {
        const char *address = icalproperty_get_attendee(who);
        if (!address || strncasecmp(address, "mailto:", 7) || strcasecmp(address + 7, email)) continue;
        icalparameter *partstat = icalproperty_get_first_parameter(who, ICAL_PARTSTAT_PARAMETER);
        return !partstat || icalparameter_get_partstat(partstat) != ICAL_PARTSTAT_DECLINED;
    }
    return 1;
}

static void add(account *who, time_t start, time_t end)
{
    span item = {start < who->from ? who->from : start, end > who->to ? who->to : end};
    if (item.start < item.end) PUSH(&who->found, item);
}

static int by_uid(const void *a, const void *b)
{
    const override *left = a, *right = b;
    int order = strcmp(left->uid, right->uid);
    return order ? order : (left->instance > right->instance) - (left->instance < right->instance);
}

static overrides find_overrides(icalcomponent *calendar, icaltimezone *floating)
{
    overrides list = {0};
    for (icalcomponent *event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT); event;
         event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT)) {
        icalproperty *id = icalcomponent_get_first_property(event, ICAL_RECURRENCEID_PROPERTY);
        if (!id) continue;
        /* icalcomponent_get_recurrenceid() would ignore the TZID. */
        override item = {icalcomponent_get_uid(event),
                         instant(icalproperty_get_datetime_with_component(id, event), floating)};
        PUSH(&list, item);
    }
    if (list.count) qsort(list.items, list.count, sizeof *list.items, by_uid);
    return list;
}

static int excluded(icalcomponent *event, time_t start, const overrides *moved, icaltimezone *floating)
{
    override key = {icalcomponent_get_uid(event), start};
    if (moved->count && bsearch(&key, moved->items, moved->count, sizeof key, by_uid)) return 1;
    for (icalproperty *date = icalcomponent_get_first_property(event, ICAL_EXDATE_PROPERTY); date;
         date = icalcomponent_get_next_property(event, ICAL_EXDATE_PROPERTY))
        if (instant(icalproperty_get_datetime_with_component(date, event), floating) == start) return 1;
    return 0;
}

static void expand(icalcomponent *event, account *who, const overrides *moved)
{
    struct icaltimetype first = icalcomponent_get_dtstart(event), last = icalcomponent_get_dtend(event), next;
    icalproperty *rule = icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY);
    time_t length = instant(last, who->zone) - instant(first, who->zone);
    int days = first.is_date ? (int)(icaltime_as_timet(last) - icaltime_as_timet(first)) / 86400 : 0;
    if (!rule) {
        add(who, instant(first, who->zone), instant(first, who->zone) + length);
        return;
    }
    icalrecur_iterator *walk = icalrecur_iterator_new(icalproperty_get_rrule(rule), first);
    if (walk && who->jump && !icalproperty_get_rrule(rule).count)
        icalrecur_iterator_set_start(
            walk, icaltime_from_timet_with_zone(who->from - 864000, first.is_date, (icaltimezone *)first.zone));
    while (walk && !icaltime_is_null_time(next = icalrecur_iterator_next(walk))) {
        time_t start = instant(next, who->zone), end = start + length;
        if (start >= who->to) break;
        if (first.is_date) {
            icaltime_adjust(&next, days, 0, 0, 0);
            end = instant(next, who->zone);
        }
        if (end > who->from && !excluded(event, start, moved, who->zone)) add(who, start, end);
    }
    if (walk) icalrecur_iterator_free(walk);
}

static void read_calendar(icalcomponent *calendar, account *who)
{
    overrides moved = find_overrides(calendar, who->zone);
    icalcompiter events = icalcomponent_begin_component(calendar, ICAL_VEVENT_COMPONENT);
    for (icalcomponent *event; (event = icalcompiter_deref(&events)); icalcompiter_next(&events))
        if (blocks(event, who->email)) expand(event, who, &moved);
    free(moved.items);
}

static void read_path(const char *path, account *who)
{
    struct stat status;
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        char name[4096];
        DIR *folder = opendir(path);
        for (struct dirent *entry; folder && (entry = readdir(folder));) {
            if (entry->d_name[0] == '.') continue;
            snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
            read_path(name, who);
        }
        if (folder) closedir(folder);
        return;
    }
    char *text = read_file(path);
    icalcomponent *calendar = icalparser_parse_string(text);
    if (calendar) {
        read_calendar(calendar, who);
        icalcomponent_free(calendar);
    }
    free(text);
}

static int by_start(const void *a, const void *b)
{
    const span *left = a, *right = b;
    return (left->start > right->start) - (left->start < right->start);
}

static void print_busy(const char *id, spans *found)
{
    const char *comma = "";
    if (found->count) qsort(found->items, found->count, sizeof *found->items, by_start);
    printf("{\"accountId\": \"%s\", \"busy\": [", id);
    for (size_t i = 0; i < found->count;) {
        span whole = found->items[i];
        for (i++; i < found->count && found->items[i].start <= whole.end; i++)
            if (found->items[i].end > whole.end) whole.end = found->items[i].end;
        printf("%s[%lld, %lld]", comma, (long long)whole.start, (long long)whole.end);
        comma = ", ";
    }
    puts("]}");
    free(found->items);
}

int main(int count, char **words)
{
    if (count < 4) { fputs("usage: libical accounts.tsv FROM TO [jump]\n", stderr); return 2; }
    char *table = read_file(words[1]), *rest = table;
    for (char *line; (line = strtok_r(rest, "\n", &rest));) {
        char *id = strtok(line, "\t"), *zone = strtok(NULL, "\t"), *email = strtok(NULL, "\t");
        account who = {icaltimezone_get_builtin_timezone(zone), email, atoll(words[2]), atoll(words[3]), count > 4, {0}};
        read_path(strtok(NULL, "\t"), &who);
        print_busy(id, &who.found);
    }
    free(table);
    return 0;
}
