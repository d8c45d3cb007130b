/* Draws the figures of a report with Chart.js, from the JSON in the page (sim/html/chart_data.h). */
(function () {
"use strict";

var root = document.documentElement;
var figures = JSON.parse(document.getElementById("data").textContent);
var DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3], [10, 4], [4, 2], [2, 4], [8, 2, 2, 2, 2, 2]];
var POINTS = ["circle", "rect", "triangle", "rectRot", "crossRot", "star", "cross", "rectRounded"];
var charts = []; /* { chart, panel, kind, sets } */
var flow = null; /* shown alone; null: all */
var hidden = {}; /* figure id -> name of a series -> true */

function colour(name) {
    return getComputedStyle(root).getPropertyValue("--" + name).trim();
}

function seriesColour(series) {
    return series.reference ? colour("faint") : colour("series-" + series.style % 8);
}

function isBars(figure) {
    return figure.kind === "bars" || figure.kind === "stack";
}

function number(value) {
    return String(Number(value.toPrecision(4)));
}

function titled(axis) {
    return axis.label + (axis.unit && axis.unit !== "1" ? ", " + axis.unit : "");
}

/* ---- what the library does not draw: intervals, faults ---- */

function interval(context, horizontal, at, low, high) {
    var cap = 4;
    context.beginPath();
    if (horizontal) {
        context.moveTo(low, at);
        context.lineTo(high, at);
        [low, high].forEach(function (x) {
            context.moveTo(x, at - cap);
            context.lineTo(x, at + cap);
        });
    } else {
        context.moveTo(at, low);
        context.lineTo(at, high);
        [low, high].forEach(function (y) {
            context.moveTo(at - cap, y);
            context.lineTo(at + cap, y);
        });
    }
    context.stroke();
}

var intervals = {
    id: "intervals",
    afterDatasetsDraw: function (chart) {
        var context = chart.ctx, bars = chart.options.indexAxis === "y";
        var value = chart.scales[bars ? "x" : "y"], other = chart.scales[bars ? "y" : "x"];
        context.save();
        chart.data.datasets.forEach(function (set, index) {
            if (!chart.isDatasetVisible(index))
                return;
            context.strokeStyle = bars ? colour("ink") : set.borderColor;
            context.lineWidth = 1;
            (set.bounds || set.data).forEach(function (point, i) {
                var element = chart.getDatasetMeta(index).data[i];
                if (!element)
                    return;
                if (typeof point.low === "number" && typeof point.high === "number")
                    interval(context, bars, bars ? element.y : element.x,
                             value.getPixelForValue(point.low), value.getPixelForValue(point.high));
                if (!bars && typeof point.xLow === "number" && typeof point.xHigh === "number")
                    interval(context, true, element.y, other.getPixelForValue(point.xLow),
                             other.getPixelForValue(point.xHigh));
            });
        });
        context.restore();
    }
};

function marksOf(figure) {
    return {
        id: "marks",
        beforeDatasetsDraw: function (chart) {
            var area = chart.chartArea, context = chart.ctx, x = chart.scales.x;
            context.save();
            context.font = "12px " + Chart.defaults.font.family;
            figure.marks.forEach(function (mark) {
                var begin = x.getPixelForValue(mark.begin);
                var end = mark.end === undefined ? area.right : x.getPixelForValue(mark.end);
                context.fillStyle = colour("mark");
                context.fillRect(begin, area.top, Math.max(end - begin, 2), area.bottom - area.top);
                context.fillStyle = colour("ink");
                context.fillText(mark.name, begin + 4, area.top + 13);
            });
            context.restore();
        }
    };
}

/* ---- a chart of a panel ---- */

function pointOf(values) {
    return { x: values[0], y: values[1], low: values[2], high: values[3], xLow: values[4],
             xHigh: values[5] };
}

function lineSet(kind, series) {
    var set = {
        label: series.name,
        data: series.points.map(pointOf),
        borderDash: series.reference ? [2, 3] : DASHES[series.style % 8],
        borderWidth: kind === "steps" ? 1.5 : 2,
        pointStyle: POINTS[series.style % 8],
        pointRadius: kind === "lines" && !series.reference ? 4 : 0,
        pointHitRadius: 6,
        stepped: kind === "steps" ? "before" : false,
        series: series
    };
    return set;
}

function barSet(series, count) {
    var data = [], bounds = [];
    for (var i = 0; i < count; i++) {
        data.push(null);
        bounds.push({});
    }
    series.points.forEach(function (values) {
        data[values[0]] = values[1];
        bounds[values[0]] = { low: values[2], high: values[3] };
    });
    return { label: series.name, data: data, bounds: bounds, series: series, borderWidth: 1,
             maxBarThickness: 28 };
}

function tooltip(panel, bars) {
    return {
        callbacks: {
            title: function (items) {
                if (items.length === 0)
                    return "";
                if (bars)
                    return items[0].label;
                return panel.categories.length > 0 ? panel.categories[items[0].parsed.x]
                    : panel.x.label + " " + number(items[0].parsed.x) + " " + panel.x.unit;
            },
            label: function (item) {
                var point = bars ? item.dataset.bounds[item.dataIndex] : item.raw;
                var value = bars ? item.raw : point.y;
                var text = item.dataset.label + ": " + number(value) + " " + panel.y.unit;
                if (typeof point.low === "number" && typeof point.high === "number")
                    text += " (" + number(point.low) + " to " + number(point.high) + ")";
                return text;
            }
        }
    };
}

/* Of a logarithmic axis only 1, 2 and 5 times powers of ten. */
function isRound(value) {
    var digit = Number(value.toExponential()[0]);
    return digit === 1 || digit === 2 || digit === 5;
}

function scaleOf(axis) {
    var scale = { type: axis.log ? "logarithmic" : "linear", ticks: {}, grid: {},
                  title: { display: true, text: titled(axis) } };
    if (axis.log) {
        scale.ticks.callback = number;
        scale.ticks.maxRotation = 0;
        scale.afterBuildTicks = function (built) {
            built.ticks = built.ticks.filter(function (tick) { return isRound(tick.value); });
        };
    }
    return scale;
}

/* Intervals are seen whole. */
function reach(panel, scale, low, high) {
    panel.series.forEach(function (series) {
        series.points.forEach(function (values) {
            if (typeof values[high] === "number")
                scale.suggestedMax = Math.max(values[high], scale.suggestedMax || 0);
            if (typeof values[low] === "number" && (values[low] > 0 || scale.type === "linear"))
                scale.suggestedMin = Math.min(values[low], scale.suggestedMin === undefined
                    ? Infinity : scale.suggestedMin);
        });
    });
}

function configOf(figure, panel) {
    var bars = isBars(figure);
    var x = scaleOf(panel.x), y = scaleOf(panel.y), sets;
    reach(panel, y, 2, 3);
    if (!bars)
        reach(panel, x, 4, 5);
    if (bars) {
        x = { type: "category", ticks: { autoSkip: false }, grid: { display: false },
              title: { display: panel.x.label !== "", text: titled(panel.x) },
              stacked: figure.kind === "stack" };
        y.stacked = figure.kind === "stack";
        y.beginAtZero = true;
        sets = panel.series.map(function (series) {
            return barSet(series, panel.categories.length);
        });
    } else {
        if (panel.categories.length > 0) {
            x.ticks = { stepSize: 1, callback: function (value) {
                return panel.categories[value] === undefined ? "" : panel.categories[value];
            } };
        }
        if (figure.kind === "steps") {
            x.min = 0; /* the run, and no more */
            x.max = Math.max.apply(null, panel.series.map(function (series) {
                return series.points[series.points.length - 1][0];
            }));
        }
        y.beginAtZero = !panel.y.log;
        sets = panel.series.map(lineSet.bind(null, figure.kind));
    }
    return {
        type: bars ? "bar" : "line",
        data: { labels: bars ? panel.categories.slice() : undefined, datasets: sets },
        options: {
            animation: false,
            responsive: true,
            maintainAspectRatio: false,
            normalized: !bars,
            parsing: bars,
            indexAxis: bars ? "y" : "x",
            interaction: bars ? { mode: "nearest", axis: "y", intersect: true }
                : { mode: "nearest", intersect: false },
            scales: bars ? { x: y, y: x } : { x: x, y: y },
            plugins: { legend: { display: false }, tooltip: tooltip(panel, bars),
                       title: { display: panel.title !== "", text: panel.title } }
        },
        plugins: [intervals, marksOf(figure)]
    };
}

function paint(entry) {
    var chart = entry.chart;
    chart.data.datasets.forEach(function (set) {
        set.borderColor = seriesColour(set.series);
        set.backgroundColor = seriesColour(set.series);
    });
    Object.keys(chart.options.scales).forEach(function (name) {
        var scale = chart.options.scales[name];
        scale.ticks.color = colour("faint");
        scale.title.color = colour("ink");
        scale.grid.color = colour("grid");
    });
    chart.options.plugins.title.color = colour("ink");
}

/* ---- what is shown ---- */

var flows = Array.prototype.map.call(document.querySelectorAll("button.flow"), function (button) {
    return button.dataset.flow;
});

/* The flow that a name begins with: "visit, offered". */
function flowOf(name) {
    var word = name.split(/[ ,:(]/)[0];
    return flows.indexOf(word) >= 0 ? word : null;
}

function passes(name) {
    var of = flowOf(name);
    return flow === null || of === null || of === flow;
}

/* Bars by category: those of other flows are taken out. */
function categoriesShow(entry) {
    var all = entry.panel.categories;
    var kept = all.map(function (name, index) { return index; }).filter(function (index) {
        return passes(all[index]);
    });
    entry.chart.data.labels = kept.map(function (index) { return all[index]; });
    entry.chart.data.datasets.forEach(function (set, number) {
        var whole = entry.sets[number];
        set.data = kept.map(function (index) { return whole.data[index]; });
        set.bounds = kept.map(function (index) { return whole.bounds[index]; });
    });
}

function show() {
    charts.forEach(function (entry) {
        if (entry.figure.kind === "stack") /* a bar a flow */
            categoriesShow(entry);
        entry.chart.data.datasets.forEach(function (set, index) {
            var off = hidden[entry.figure.id][set.label];
            entry.chart.setDatasetVisibility(index, !off && passes(set.label));
        });
        var empty = entry.figure.kind === "stack" && entry.chart.data.labels.length === 0;
        entry.place.hidden = empty;
        entry.chart.update();
    });
    document.querySelectorAll(".choices button").forEach(function (button) {
        var off = hidden[button.dataset.figure][button.dataset.series];
        button.setAttribute("aria-pressed", String(!off && passes(button.dataset.series)));
    });
    document.querySelectorAll("button.flow").forEach(function (button) {
        button.setAttribute("aria-pressed", String(button.dataset.flow === flow));
    });
}

/* ---- buttons ---- */

/* How a series looks: a piece of its line, or of its bar. */
function swatch(figure, series) {
    var space = "http://www.w3.org/2000/svg";
    var picture = document.createElementNS(space, "svg");
    var line = document.createElementNS(space, "line");
    var bars = isBars(figure);
    picture.setAttribute("viewBox", "0 0 32 12");
    picture.setAttribute("aria-hidden", "true");
    line.setAttribute("x1", "0");
    line.setAttribute("x2", "32");
    line.setAttribute("y1", "6");
    line.setAttribute("y2", "6");
    line.setAttribute("stroke-width", bars ? "12" : "3");
    line.setAttribute("stroke-dasharray",
                      bars ? "" : (series.reference ? [2, 3] : DASHES[series.style % 8]).join(" "));
    line.style.stroke = series.reference ? "var(--faint)" : "var(--series-" + series.style % 8 + ")";
    picture.appendChild(line);
    return picture;
}

function buttonOf(figure, series) {
    var button = document.createElement("button");
    button.type = "button";
    button.dataset.figure = figure.id;
    button.dataset.series = series.name;
    button.appendChild(swatch(figure, series));
    button.appendChild(document.createTextNode(series.name));
    button.addEventListener("click", function () {
        var names = hidden[figure.id], pressed = button.getAttribute("aria-pressed") === "true";
        if (!pressed)
            flow = null; /* whoever asks for a series gets it */
        names[series.name] = pressed;
        show();
    });
    return button;
}

/* Panels that show the same series share the buttons of the first one; one series needs none. */
function choicesMake(figure, panel, place, before) {
    var names = panel.series.map(function (series) { return series.name; }).join("\n");
    if (names === before || panel.series.length < 2)
        return names;
    if (figure.legend) {
        var legend = document.createElement("span");
        legend.textContent = figure.legend + ":";
        place.appendChild(legend);
    }
    panel.series.forEach(function (series) {
        place.appendChild(buttonOf(figure, series));
    });
    return names;
}

function figureMake(figure) {
    var place = document.getElementById("figure-" + figure.id), before = "";
    var places = place.querySelectorAll(".panel");
    hidden[figure.id] = {};
    figure.panels.forEach(function (panel, index) {
        var canvas = places[index].querySelector("canvas");
        if (isBars(figure)) {
            var groups = figure.kind === "bars" ? panel.series.length : 1;
            var height = 90 + panel.categories.length * Math.max(30, groups * 16);
            canvas.parentNode.style.height = height + "px";
        }
        before = choicesMake(figure, panel, places[index].querySelector(".choices"), before);
        var entry = { figure: figure, panel: panel, place: places[index],
                      chart: new Chart(canvas, configOf(figure, panel)) };
        entry.sets = entry.chart.data.datasets.map(function (set) {
            return { data: set.data, bounds: set.bounds };
        });
        paint(entry);
        charts.push(entry);
    });
}

function flowChoose(button) {
    flow = flow === button.dataset.flow ? null : button.dataset.flow;
    if (flow !== null)
        Object.keys(hidden).forEach(function (id) { hidden[id] = {}; });
    show();
}

root.classList.add("js");
Chart.defaults.locale = "en";
Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
figures.forEach(figureMake);
document.querySelectorAll("button.flow").forEach(function (button) {
    button.addEventListener("click", flowChoose.bind(null, button));
});
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function () {
    charts.forEach(paint);
    show();
});
/* Paper is light, whatever the screen is. */
function printing(on) {
    root.classList.toggle("printing", on);
    charts.forEach(function (entry) {
        paint(entry);
        entry.chart.resize();
        entry.chart.update();
    });
}
window.addEventListener("beforeprint", printing.bind(null, true));
window.addEventListener("afterprint", printing.bind(null, false));
show();
}());
