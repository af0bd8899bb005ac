# The design of the oracle's data for R's `survey`, and what its estimates share: read by the scripts that make results, which set
# `waves`. Which stratum stands for one with nobody is read from strates.csv, where it is written by hand: no rule of the
# warehouse is applied here. Figures bear the names of the warehouse's columns.
suppressPackageStartupMessages(library(survey))
# A unit alone in its stratum adds nothing to survey's variance; what it borrows is added below (`borrowed`).
options(survey.lonely.psu = "certainty", stringsAsFactors = FALSE)

arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
results <- arguments[2]
read <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), colClasses = "character")
# A third wave has the plan and the members of the second, and interviews of its own.
of_waves <- function(name) {
  table <- read(name)
  if ("V3" %in% waves) table <- rbind(table, transform(table[table$vague == "V2", ], vague = "V3"))
  table
}
write <- function(table, name) {
  numbers <- vapply(table, is.double, NA)
  table[numbers] <- lapply(table[numbers], function(x) ifelse(is.na(x), "", sprintf("%.17g", x)))
  write.csv(table, file.path(results, paste0(name, ".csv")), row.names = FALSE, quote = FALSE, na = "", eol = "\n")
}

questions <- read("questions")
options_of <- split(read("modalites"), read("modalites")$echelle)
scale_of <- setNames(questions$echelle, questions$question)
multiple <- questions$question[questions$echelle == "MOT"]

# --- the design: one row per interview, all waves ------------------------------
strata <- of_waves("strates")
strata$population <- as.numeric(strata$population)
id <- function(table, stratum) paste(table$vague, table$organisme, table[[stratum]])
represented <- tapply(strata$population, id(strata, "strate_poids"), sum)
own <- strata[strata$entretiens != "0", ]
# a stratum with nobody gives its population to another one
own$represented <- represented[id(own, "strate")]

people <- read("entretiens")
if ("V3" %in% waves) people <- rbind(people, read("troisieme"))
place <- match(id(people, "strate"), id(own, "strate"))
people$h <- id(own, "strate")[place]
people$N <- own$represented[place]
n <- table(id(people, "strate"))
people$w <- own$represented[place] / as.vector(n[id(people, "strate")])

members <- of_waves("organismes")
at <- match(paste(people$vague, people$organisme), paste(members$vague, members$organisme))
people$institut <- members$institut[at]
# delivered weights are rescaled to the stock of the organisme
delivered <- people$institut %in% c("J", "K")
people$w[delivered] <- as.numeric(people$poids[delivered])
stock <- tapply(strata$population, paste(strata$vague, strata$organisme), sum)
total <- tapply(people$w, paste(people$vague, people$organisme), sum)
who <- paste(people$vague, people$organisme)
people$w[delivered] <- (people$w * stock[who] / total[who])[delivered]
people$who <- who
stopifnot(all.equal(as.vector(tapply(people$w, who, sum)), as.vector(stock[sort(unique(who))])))

people$tous <- "tous"
for (axis in c("construction", "age")) people[[axis]][people[[axis]] == ""] <- "NR"
axes <- c(ensemble = "tous", construction = "construction", age = "age")

for (q in setdiff(questions$question, multiple)) {
  known <- options_of[[scale_of[q]]]
  line <- match(people[[q]], known$modalite)
  notes <- ifelse(people$institut == "J", known$note_J[line], known$note_I[line])
  people[[paste0(q, ".note")]] <- as.numeric(notes)
  people[[paste0(q, ".taux")]] <- as.numeric(known$est_satisfait[line] == "oui")
  if (any(known$bout != "")) {
    people[[paste0(q, ".haut")]] <- as.numeric(known$bout[line] == "haut")
    people[[paste0(q, ".bas")]] <- as.numeric(known$bout[line] == "bas")
  }
  if (any(known$groupe_nps != "")) {
    group <- known$groupe_nps[line]
    people[[paste0(q, ".nps")]] <- 100 * ((group == "promoteur") - (group == "detracteur"))
    for (g in c("promoteur", "passif", "detracteur")) people[[paste(q, g, sep = ".")]] <- as.numeric(group == g)
  }
}
said <- function(q, option) vapply(strsplit(people[[q]], "|", fixed = TRUE), function(all) option %in% all, NA)
for (q in questions$question) {
  codes <- options_of[[scale_of[q]]]$modalite
  for (code in codes) people[[paste(q, code, sep = ".is.")]] <- as.numeric(said(q, code))
  people[[paste0(q, ".exprime")]] <- rowSums(people[paste(q, codes, sep = ".is.")]) > 0
}
# the unit that was drawn: a building within its stratum, or the interview itself
people$unit <- paste(people$h, ifelse(people$unite == "", people$entretien, people$unite))
distinct <- function(units, groups) as.vector(tapply(units, groups, function(u) length(unique(u)))[groups])
people$n <- as.vector(table(people$h)[people$h])
people$m <- distinct(people$unit, people$h)
# what the stratum alone says of a variance: (1 - n/N) m/(m - 1), nothing of a unit alone in it
inflation <- function(m, n, N) ifelse(m > 1, (if (finite) 1 - n / N else 1) * m / pmax(m - 1, 1), 0)
# What units alone in their strata add to the variance of the weighted total of y - mean: (1 - n/N) W^2 times the variance
# of the means of the units of their organisme in the domain, estimated without bias under unequal weights. Without y, its
# limit: the answers of a unit are then independent, with a variance of one.
borrowed <- function(rows, y) sum(sapply(split(seq_len(nrow(rows)), rows$who), function(i) {
  w <- rows$w[i]
  unit <- rows$unit[i]
  W <- as.vector(rowsum(w, unit, reorder = FALSE))
  left <- (if (finite) 1 - rows$n[i] / rows$N[i] else rep(1, length(i))) * (rows$m[i] == 1)
  if (all(left == 0) || length(W) == 1) return(0)
  spare <- sum(W) - sum(W^2) / sum(W)
  if (is.null(y)) return(sum(left * w^2) * sum(w) / spare)
  means <- as.vector(rowsum(w * y[i], unit, reorder = FALSE)) / W
  sum(left[match(unique(unit), unit)] * W^2) * sum(W * (means - weighted.mean(y[i], w))^2) / spare
}))
with_borrowed <- function(error, rows, y) sqrt(error^2 + borrowed(rows, y) / sum(rows$w)^2)
design_of <- function(rows) {
  # survey counts the population in units: with so many, the sampled share of them is that of the interviews
  rows$units <- distinct(rows$unit, rows$h) * rows$N / as.vector(table(rows$h)[rows$h])
  if (finite) return(svydesign(ids = ~unit, strata = ~h, weights = ~w, fpc = ~units, data = rows))
  svydesign(ids = ~unit, strata = ~h, weights = ~w, data = rows)
}

# --- degrees of freedom, intervals of rates -----------------------------------------------------------------------------
# survey's degrees of freedom are sampled units less strata of the domain, and at least one; a unit alone in its stratum
# costs none, unless its organisme has nothing else: then its strata count for one. They are the most that is published:
# survey has no Satterthwaite's, which are those of a variance whose parts are unequal.
strata_of <- function(rows) {
  several <- rows$m > 1
  only <- setdiff(unique(rows$who), rows$who[several])
  unique(c(rows$h[several], if (length(only)) only))
}
freedom <- function(domain) {
  rows <- domain$variables
  most <- length(unique(rows$unit)) - length(strata_of(rows))
  if (all(rows$m > 1)) stopifnot(degf(domain) == most)
  parts <- limits(rows)
  satterthwaite(parts$variance, parts$df, most)
}
satterthwaite <- function(variance, df, most) {
  whole <- if (sum(variance) > 0) sum(variance)^2 / sum(variance^2 / pmax(df, 1)) else most
  as.integer(floor(max(min(most, whole), 1) + 1e-6))
}
# What each stratum, and the units alone of each organisme, would give to the variance of the weighted total, were
# answers spread alike everywhere with a variance of one, and independent.
limits <- function(rows) {
  rows <- rows[c("h", "who", "unit", "m", "n", "N", "w")]
  with_lone <- rows[rows$who %in% rows$who[rows$m == 1], ]
  lone <- split(with_lone, with_lone$who)
  data.frame(
    variance = c(rowsum(inflation(rows$m, rows$n, rows$N) * rows$w^2, rows$h), sapply(lone, borrowed, NULL), recursive = TRUE),
    df = c(rowsum(as.numeric(!duplicated(rows$unit)), rows$h), sapply(lone, function(x) length(unique(x$unit))), recursive = TRUE) - 1
  )
}
limit_of <- function(rows) sum(limits(rows)$variance) / sum(rows$w)^2
# Welch's degrees of freedom of the difference of two sides, at most what svyttest has: those of both, less one. Units that
# both sides share count once: no more then than the side that has most.
freedom_of_gap <- function(domain) {
  sides <- lapply(sort(unique(domain$variables$side)), function(side) domain[domain$variables$side == side, ])
  df <- sapply(sides, freedom)
  shared <- do.call(intersect, lapply(sides, function(side) side$variables$unit))
  satterthwaite(sapply(sides, function(side) limit_of(side$variables)), df, if (length(shared)) max(df) else sum(df) - 1)
}
quantile_of <- function(df) qt(1 - (1 - 0.95) / 2, df)

# Wilson's score interval, its t^2/n being that of the simple sample of the same variance. Where everyone answers alike the
# variance is zero, and that of a plan where answers are spread alike stands for it; where fewer than five answers of a
# kind are expected among those that carry the error, the variance is at least that one.
wilson <- function(rate, error, df, rows) {
  t <- quantile_of(df)
  own <- if (rate > 0 && rate < 1) error^2 / (rate * (1 - rate)) else 0
  c <- t^2 * if (df * min(rate, 1 - rate) < 5) max(own, limit_of(rows)) else own
  (rate + c / 2 + c(-1, 1) * sqrt(c * rate * (1 - rate) + c^2 / 4)) / (1 + c)
}

has <- function(q, kind) {
  name <- paste(q, kind, sep = ".")
  name %in% names(people) && any(!is.na(people[[name]]))
}
domain_of <- function(keep, q) design[keep & people[[paste0(q, ".exprime")]], ]

over <- function(rows, f) do.call(rbind, lapply(seq_len(nrow(rows)), function(i) f(rows[i, ])))
# Two measures without error differ only if they are different; a difference of 1e-12 is the last digit of two sums.
p_value <- function(gap, error, df) if (error > 1e-12) 2 * pt(-abs(gap / error), df) else as.numeric(abs(gap) < 1e-12)
