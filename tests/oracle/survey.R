# What R's `survey` package makes of the oracle's data.
#   Rscript survey.R DATA_FOLDER RESULTS_FOLDER
# Which stratum stands for one with nobody is read from strates.csv, where it is written by hand: no rule of the warehouse
# is applied there. Figures bear the names of the warehouse's columns.
suppressPackageStartupMessages(library(survey))
# A unit alone in its stratum adds nothing to survey's variance; what it borrows is added below (`borrowed`).
options(survey.lonely.psu = "certainty", stringsAsFactors = FALSE)

arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
results <- arguments[2]
read <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), colClasses = "character")
write <- function(table, name) {
  numbers <- vapply(table, is.double, NA)
  table[numbers] <- lapply(table[numbers], function(x) ifelse(is.na(x), "", sprintf("%.17g", x)))
  write.csv(table, file.path(results, paste0(name, ".csv")), row.names = FALSE, quote = FALSE, na = "", eol = "\n")
}

questions <- read("questions")
options_of <- split(read("modalites"), read("modalites")$echelle)
scale_of <- setNames(questions$echelle, questions$question)
multiple <- questions$question[questions$echelle == "MOT"]

# --- the design: one row per interview, both waves ------------------------------
strata <- read("strates")
strata$population <- as.numeric(strata$population)
id <- function(table, stratum) paste(table$vague, table$organisme, table[[stratum]])
represented <- tapply(strata$population, id(strata, "strate_poids"), sum)
own <- strata[strata$entretiens != "0", ]
# a stratum with nobody gives its population to another one
own$represented <- represented[id(own, "strate")]

people <- read("entretiens")
place <- match(id(people, "strate"), id(own, "strate"))
people$h <- id(own, "strate")[place]
people$N <- own$represented[place]
n <- table(id(people, "strate"))
people$w <- own$represented[place] / as.vector(n[id(people, "strate")])

members <- read("organismes")
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

# --- perimeters: who is in, wave by wave ------------------------------------------------------------------------------
now <- members[members$vague == "V2", ]
both <- intersect(now$organisme, members$organisme[members$vague == "V1"])
comparable <- function(of) { # family and département are today's, on both sides
  today <- now[match(of, now$organisme), ]
  data.frame(famille = today$famille, departement = today$departement, actuel = today$organisme)
}
before <- members[members$vague == "V1", ]
cast <- rbind(
  data.frame(methode = "publie", members[c("vague", "organisme", "famille", "departement")], actuel = members$organisme),
  data.frame(methode = "panel_constant", vague = rep(c("V1", "V2"), each = length(both)), organisme = c(both, both),
             comparable(c(both, both))),
  data.frame(methode = "pro_forma", before[c("vague", "organisme")], comparable(before$successeur)),
  data.frame(methode = "pro_forma", vague = "V2", organisme = unique(before$successeur),
             comparable(unique(before$successeur)))
)
perimeters <- do.call(rbind, lapply(c("region", "famille", "departement", "organisme"), function(type) {
  code <- switch(type, region = rep("region", nrow(cast)), organisme = cast$actuel, cast[[type]])
  data.frame(perimetre_type = type, perimetre = code, cast[c("methode", "vague", "organisme")])
}))
perimeters <- perimeters[!(perimeters$methode == "panel_constant" & perimeters$perimetre_type == "organisme"), ]

# --- estimates of one wave ---------------------------------------------------------------------------------------------
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

# What the warehouse calls the parts of each measure: value, error, unweighted value, bounds, design effect.
named <- list(
  note = c("note_moyenne", "note_erreur_type", "note_non_ponderee", "note_ic_bas", "note_ic_haut", "note_effet_plan"),
  taux = c("taux_satisfaits", "taux_erreur_type", "taux_non_pondere", "taux_ic_bas", "taux_ic_haut", "taux_effet_plan"),
  nps = c("nps", "nps_erreur_type", "nps_non_pondere", "nps_ic_bas", "nps_ic_haut"),
  haut = paste0("part_tres_satisfaits", c("", "_erreur_type", "_non_ponderee")),
  bas = paste0("part_tres_insatisfaits", c("", "_erreur_type", "_non_ponderee"))
)
described <- function(domain, q, kind, df) {
  y <- domain$variables[[paste(q, kind, sep = ".")]]
  weighted <- suppressWarnings(svymean(y, domain, deff = "replace"))
  alike <- length(unique(y)) == 1
  value <- if (alike) y[1] else as.vector(coef(weighted))
  rows <- domain$variables
  alone <- as.vector(SE(weighted))
  error <- with_borrowed(alone, rows, y)
  simple <- sum(rows$w * (y - value)^2) / sum(rows$w) / (nrow(rows) - 1)
  if (!alike && alone > 0) stopifnot(all.equal(alone^2 / simple, as.vector(deff(weighted))))
  bounds <- if (kind == "taux") wilson(value, error, df, rows) else value + c(-1, 1) * quantile_of(df) * error
  out <- list(value, error, mean(y), bounds[1], bounds[2], if (alike) NA_real_ else error^2 / simple)
  setNames(out[seq_along(named[[kind]])], named[[kind]])
}
shares_of <- c(promoteur = "part_promoteurs", passif = "part_passifs", detracteur = "part_detracteurs")
has <- function(q, kind) {
  name <- paste(q, kind, sep = ".")
  name %in% names(people) && any(!is.na(people[[name]]))
}
domain_of <- function(keep, q) design[keep & people[[paste0(q, ".exprime")]], ]

# The mean of one organisme, the respondents of each of its strata taken for the stratum's sample; those of a single unit
# keep the stratum's whole sample.
own_mean <- function(rows, y) {
  mean <- sum(rows$w * y) / sum(rows$w)
  z <- rows$w * (y - mean) / sum(rows$w)
  first <- !duplicated(rows$unit)
  Z <- as.vector(rowsum(z, rows$unit, reorder = FALSE))
  alone <- distinct(rows$unit, rows$h) == 1
  beside <- sum((inflation(rows$m, rows$n, rows$N)[first] * (Z^2 - Z^2 / rows$m[first]))[alone[first]])
  sampled <- if (all(alone)) 0 else as.vector(SE(svymean(y, design_of(rows))))^2
  c(mean, sampled + beside + borrowed(rows, y) / sum(rows$w)^2)
}
organisme_means <- function() {
  cells <- expand.grid(who = sort(unique(who)), question = setdiff(questions$question, multiple), axis = names(axes),
                       stringsAsFactors = FALSE)
  found <- lapply(seq_len(nrow(cells)), function(i) {
    cell <- cells[i, ]
    rows <- people[who == cell$who & people[[paste0(cell$question, ".exprime")]], ]
    lapply(split(rows, rows[[axes[cell$axis]]]), function(part) {
      lapply(Filter(function(kind) has(cell$question, kind), c(note = "note", taux = "taux")), function(kind) {
        own_mean(part, part[[paste(cell$question, kind, sep = ".")]])
      })
    })
  })
  setNames(found, paste(cells$who, cells$question, cells$axis))
}
averaged <- function(rows, q, axis, segment, kind) {
  inside <- unique(paste(rows$vague, rows$organisme))
  each <- sapply(inside, function(one) own[[paste(one, q, axis)]][[segment]][[kind]])
  mean_of <- function(weights) {
    weights <- weights / sum(weights)
    list(sum(weights * each[1, ]), sqrt(sum(weights^2 * each[2, ])))
  }
  setNames(c(mean_of(rep(1, length(inside))), mean_of(as.vector(stock[inside]))),
           paste0(kind, "_moyenne_", c("organismes", "organismes_erreur_type", "parc", "parc_erreur_type")))
}

estimate <- function(q, keep, axis) {
  whole <- domain_of(keep, q)
  segments <- sort(unique(whole$variables[[axes[axis]]]))
  do.call(rbind, lapply(segments, function(segment) {
    domain <- whole[whole$variables[[axes[axis]]] == segment, ]
    rows <- domain$variables
    out <- list(
      axe = axis, segment = segment, question_code = q,
      nb_organismes = length(unique(rows$organisme)), base_brute = nrow(rows),
      base_ponderee = sum(rows$w), base_efficace = sum(rows$w)^2 / sum(rows$w^2),
      ddl = freedom(domain), nb_strates = length(strata_of(rows)), strates_reunies = as.integer(any(rows$m == 1))
    )
    for (kind in names(named)) if (has(q, kind)) out <- c(out, described(domain, q, kind, out$ddl))
    for (kind in c("note", "taux")) if (has(q, kind)) out <- c(out, averaged(rows, q, axis, segment, kind))
    if (has(q, "nps")) for (g in names(shares_of)) {
      out[[shares_of[[g]]]] <- as.vector(coef(svymean(rows[[paste(q, g, sep = ".")]], domain)))
    }
    if (axis == "ensemble") for (kind in c("note", "taux")) if (has(q, kind)) check_ratio(q, kind, keep, out)
    blank <- setdiff(columns, names(out))
    out[blank] <- NA_real_
    as.data.frame(out[columns])
  }))
}

# The same domain mean as a ratio of totals over the whole sample: survey's other way to it.
check_ratio <- function(q, kind, keep, out) {
  inside <- as.numeric(keep & people[[paste0(q, ".exprime")]])
  whole <- update(design, top = ifelse(inside == 1, people[[paste(q, kind, sep = ".")]], 0), bottom = inside)
  ratio <- svyratio(~top, ~bottom, whole)
  stopifnot(all.equal(as.vector(coef(ratio)), out[[named[[kind]][1]]], tolerance = 1e-12))
  rows <- people[inside == 1, ]
  error <- with_borrowed(as.vector(SE(ratio)), rows, rows[[paste(q, kind, sep = ".")]])
  stopifnot(all.equal(error, out[[named[[kind]][2]]], tolerance = 1e-9))
}
columns <- c(
  "axe", "segment", "question_code", "nb_organismes", "base_brute", "base_ponderee", "base_efficace", "ddl", "nb_strates",
  "strates_reunies", unlist(named, use.names = FALSE), unname(shares_of),
  outer(c("organismes", "organismes_erreur_type", "parc", "parc_erreur_type"), c("note", "taux"),
        function(of, kind) paste0(kind, "_moyenne_", of))
)

shares <- function(q, keep, axis) {
  domain <- domain_of(keep, q)
  if (!nrow(domain)) return(NULL)
  codes <- options_of[[scale_of[q]]]$modalite
  names <- paste(q, codes, sep = ".is.")
  by <- svyby(as.formula(paste("~", paste(names, collapse = "+"))), as.formula(paste0("~", axes[axis])), domain, svymean)
  errors <- SE(by)
  do.call(rbind, lapply(seq_along(by[[axes[axis]]]), function(s) {
    part <- domain[domain$variables[[axes[axis]]] == by[[axes[axis]]][s], ]
    rows <- part$variables
    df <- freedom(part)
    do.call(rbind, lapply(seq_along(codes), function(i) {
      value <- by[[names[i]]][s]
      error <- with_borrowed(errors[s, i], rows, rows[[names[i]]])
      # everybody or nobody: what R makes of it is the last digit of a sum
      if (length(unique(rows[[names[i]]])) == 1) { value <- rows[[names[i]]][1]; error <- 0 }
      bounds <- wilson(value, error, df, rows)
      data.frame(axe = axis, segment = by[[axes[axis]]][s], question_code = q, modalite_code = codes[i],
                 nb_organismes = length(unique(rows$organisme)), effectif = as.integer(sum(rows[[names[i]]])),
                 part = value, part_erreur_type = error, part_ic_bas = bounds[1], part_ic_haut = bounds[2])
    }))
  }))
}

over <- function(rows, f) do.call(rbind, lapply(seq_len(nrow(rows)), function(i) f(rows[i, ])))
published <- perimeters[perimeters$methode == "publie", ]
members_of <- function(p) who %in% with(merge(perimeters, p), paste(vague, organisme))
each_cell <- function(f, of_axes) {
  over(unique(published[c("methode", "vague", "perimetre_type", "perimetre")]), function(p) {
    keep <- members_of(p)
    cells <- expand.grid(question = questions$question, axis = of_axes, stringsAsFactors = FALSE)
    found <- over(cells, function(cell) f(cell$question, keep, cell$axis))
    cbind(p[c("vague", "perimetre_type", "perimetre")], found, row.names = NULL)
  })
}

# --- differences -------------------------------------------------------------------------------------------------------
# Two measures without error differ only if they are different; a difference of 1e-12 is the last digit of two sums.
p_value <- function(gap, error, df) if (error > 1e-12) 2 * pt(-abs(gap / error), df) else as.numeric(abs(gap) < 1e-12)
# From the first to the second of two sides of one design, `side` saying which, with their covariance.
contrasted <- function(name, domain) {
  by <- svyby(as.formula(paste0("~", name)), ~side, domain, svymean, covmat = TRUE)
  contrast <- svycontrast(by, c(-1, 1))
  rows <- domain$variables
  beside <- sapply(split(seq_len(nrow(rows)), rows$side), function(i) {
    borrowed(rows[i, ], rows[[name]][i]) / sum(rows$w[i])^2
  })
  list(as.vector(coef(contrast)), sqrt(as.vector(SE(contrast))^2 + sum(beside)))
}
judged <- function(q, note, rate, df) {
  t <- quantile_of(df)
  main <- if (is.na(note[[1]])) rate else note
  data.frame(
    question_code = q, ddl = df, ecart_note = note[[1]], erreur_type = note[[2]],
    ecart_note_ic_bas = note[[1]] - t * note[[2]], ecart_note_ic_haut = note[[1]] + t * note[[2]],
    ecart_taux = rate[[1]], erreur_type_taux = rate[[2]],
    ecart_taux_ic_bas = rate[[1]] - t * rate[[2]], ecart_taux_ic_haut = rate[[1]] + t * rate[[2]],
    p_valeur = p_value(main[[1]], main[[2]], df)
  )
}
compare_sides <- function(q, domain, df) {
  of <- function(kind) if (has(q, kind)) contrasted(paste(q, kind, sep = "."), domain) else list(NA_real_, NA_real_)
  judged(q, of("note"), of("taux"), df)
}
# Benjamini and Hochberg within a report: what is masked was not tested.
adjusted <- function(table, family, lone) {
  id <- do.call(paste, table[family])
  tested <- ifelse(lone, NA, table$p_valeur)
  table$p_valeur_ajustee <- ave(tested, id, FUN = function(p) p.adjust(p, method = "BH"))
  table
}
single <- setdiff(questions$question, multiple)
cells <- expand.grid(question = single, axis = names(axes), stringsAsFactors = FALSE)
compared <- unique(perimeters[c("methode", "perimetre_type", "perimetre")])
between_waves <- function(p, of_cells, f) {
  keep <- members_of(p)
  over(of_cells, function(cell) {
    whole <- domain_of(keep, cell$question)
    do.call(rbind, lapply(setdiff(sort(unique(whole$variables[[axes[cell$axis]]])), "NR"), function(s) {
      part <- whole[whole$variables[[axes[cell$axis]]] == s, ]
      part$variables$side <- part$variables$vague # V2 - V1, in the order of the waves
      if (length(unique(part$variables$side)) < 2) return(NULL)
      organismes <- tapply(part$variables$organisme, part$variables$side, function(x) length(unique(x)))
      found <- f(cell, s, keep, part, freedom_of_gap(part))
      if (is.null(found)) return(NULL)
      data.frame(p, axe = cell$axis, segment = s, nb_organismes_minimum = as.integer(min(organismes)), found)
    }))
  })
}
lone <- function(table) table$perimetre_type != "organisme" & table$nb_organismes_minimum == 1

finite <- TRUE
design <- design_of(people)
own <- organisme_means()
satisfaction <- each_cell(estimate, names(axes))
write(satisfaction, "satisfaction")
write(each_cell(shares, c("ensemble", "construction")), "repartition")

evolution <- over(compared, function(p) between_waves(p, cells, function(cell, s, keep, part, df) {
  compare_sides(cell$question, part, df)
}))
family <- c("methode", "perimetre_type", "perimetre", "axe")
write(adjusted(evolution, family, lone(evolution)), "evolution")

# --- two domains of one wave: segments of an axis, an organisme and all the others -------------------------------------
pairs <- rbind(data.frame(axe = "construction", segment = "COL", segment_compare = "IND"),
               data.frame(axe = "age", segment = "JEUNE", segment_compare = "AGE"))
between_segments <- over(unique(published[c("methode", "vague", "perimetre_type", "perimetre")]), function(p) {
  keep <- members_of(p)
  over(pairs, function(pair) do.call(rbind, lapply(single, function(q) {
    part <- domain_of(keep, q)
    part <- part[part$variables[[pair$axe]] %in% c(pair$segment, pair$segment_compare), ]
    part$variables$side <- as.integer(part$variables[[pair$axe]] == pair$segment) # the first less the second
    organismes <- tapply(part$variables$organisme, part$variables$side, function(x) length(unique(x)))
    if (length(organismes) < 2) return(NULL)
    data.frame(p[-1], comparaison = "segment", pair, nb_organismes_minimum = as.integer(min(organismes)),
               compare_sides(q, part, freedom_of_gap(part)))
  })))
})
against_the_rest <- over(unique(published[published$perimetre_type == "organisme", c("vague", "perimetre")]), function(p) {
  over(cells, function(cell) do.call(rbind, lapply(c("tous", "COL", "IND", "JEUNE", "AGE"), function(s) {
    whole <- domain_of(people$vague == p$vague, cell$question)
    part <- whole[whole$variables[[axes[cell$axis]]] == s, ]
    part$variables$side <- as.integer(part$variables$organisme == p$perimetre)
    if (length(unique(part$variables$side)) < 2) return(NULL)
    data.frame(vague = p$vague, perimetre_type = "organisme", perimetre = p$perimetre, comparaison = "reste_region",
               axe = cell$axis, segment = s, segment_compare = s, nb_organismes_minimum = 1L,
               compare_sides(cell$question, part, freedom_of_gap(part)))
  })))
})
comparison <- rbind(between_segments, against_the_rest)
write(adjusted(comparison, c("vague", "perimetre_type", "perimetre", "comparaison", "axe"), lone(comparison)), "comparaison")

# --- gaps to a source --------------------------------------------------------------------------------------------------
references <- read("references")
whole_cells <- satisfaction[satisfaction$axe == "ensemble", ]
# how many answers a source is taken to have that states no precision: the default of programme.yaml
assumed_base <- 1000
gaps <- over(references, function(source) {
  found <- whole_cells[whole_cells$vague == source$vague & whole_cells$question_code == source$question, ]
  rate <- source$unite == "pourcentage_satisfaits"
  value <- if (rate) 100 * found$taux_satisfaits else found$note_moyenne
  own_error <- if (rate) 100 * found$taux_erreur_type else found$note_erreur_type
  reference <- as.numeric(source$valeur)
  # the error that the source publishes; or that of a simple sample of its base, which is assumed where it says nothing
  base <- if (source$base == "") assumed_base else as.numeric(source$base)
  # a source does not say how the answers to its note are spread: as those of the region are
  whole <- found[found$perimetre_type == "region", ]
  spread <- if (rate) reference * (100 - reference) else whole$note_erreur_type^2 / whole$note_effet_plan * (whole$base_brute - 1)
  theirs <- if (source$erreur == "") sqrt(spread / base) else as.numeric(source$erreur)
  error <- sqrt(own_error^2 + theirs^2)
  p <- mapply(p_value, value - reference, error, found$ddl)
  data.frame(found[c("vague", "perimetre_type", "perimetre")], nb_organismes_minimum = found$nb_organismes, question_code = source$question,
             source = source$source, ecart = value - reference, erreur_type = error,
             p_valeur = p)
})
write(adjusted(gaps, c("vague", "perimetre_type", "perimetre"), lone(gaps)), "ecart_reference")

# --- the same without finite population correction, the stock-weighted means being the ones compared --------------------
finite <- FALSE
design <- design_of(people)
own <- organisme_means()
write(each_cell(estimate, "ensemble"), "satisfaction_sans_fpc")
evolution <- over(compared, function(p) between_waves(p, cells[cells$axis == "ensemble", ], function(cell, s, keep, part, df) {
  side <- lapply(c("V1", "V2"), function(v) estimate(cell$question, keep & people$vague == v, cell$axis))
  gap <- function(kind) {
    name <- paste0(kind, "_moyenne_parc")
    list(side[[2]][[name]] - side[[1]][[name]],
         sqrt(sum(sapply(side, function(one) one[[paste0(name, "_erreur_type")]])^2)))
  }
  judged(cell$question, gap("note"), gap("taux"), df)
}))
write(adjusted(evolution, family, lone(evolution)), "evolution_sans_fpc")
