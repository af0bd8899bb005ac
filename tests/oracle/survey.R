# What R's `survey` package makes of the oracle's data.
#   Rscript survey.R DATA_FOLDER RESULTS_FOLDER
waves <- c("V1", "V2")
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE), fixed = TRUE))
source(file.path(here, "design.R"))

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

# units alone in their strata: of one that is not in the domain nothing says that none of the stratum's tenants is
lone_unit <- function() people$m == 1 & (!finite | people$n < people$N)
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
      ddl = freedom(domain), nb_strates = length(strata_of(rows)), strates_reunies = as.integer(any(rows$m == 1) || any(lone_unit()[who %in% rows$who]))
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

# --- a perimeter with the composition of the region on an axis ---------------------------------------------------------
at_profile <- function(q, axis, keep, wave) {
  known <- function(domain) domain[domain$variables[[axis]] != "NR", ]
  regional <- known(domain_of(people$vague == wave, q))
  part <- known(domain_of(keep, q))
  segments <- sort(unique(regional$variables[[axis]]))
  if (length(segments) < 2 || !setequal(segments, part$variables[[axis]])) return(NULL)
  weight <- as.vector(tapply(regional$variables$w, regional$variables[[axis]], sum)[segments])
  weight <- weight / sum(weight)
  each <- lapply(segments, function(s) part[part$variables[[axis]] == s, ])
  df <- satterthwaite(weight^2 * sapply(each, function(d) limit_of(d$variables)), sapply(each, freedom), sum(sapply(each, freedom)))
  organismes <- function(domain) tapply(domain$variables$organisme, domain$variables[[axis]], function(x) length(unique(x)))
  out <- list(nb_organismes_minimum = as.integer(min(organismes(part), organismes(regional))),
              axe = axis, question_code = q, nb_segments = length(segments), base_brute = nrow(part$variables), ddl = df)
  for (kind in c("note", "taux")) {
    found <- rep(NA_real_, 5)
    if (has(q, kind)) {
      name <- paste(q, kind, sep = ".")
      means <- function(domain) svyby(as.formula(paste0("~", name)), as.formula(paste0("~", axis)), domain, svymean, covmat = TRUE)
      contrast <- svycontrast(means(part), weight)
      beside <- sapply(each, function(d) borrowed(d$variables, d$variables[[name]]) / sum(d$variables$w)^2)
      error <- sqrt(as.vector(SE(contrast))^2 + sum(weight^2 * beside))
      found <- c(coef(contrast), error, coef(contrast) + c(-1, 1) * quantile_of(df) * error, sum(weight * coef(means(regional))))
    }
    names(found) <- paste0(kind, c("_profil_comparable", "_profil_erreur_type", "_profil_ic_bas", "_profil_ic_haut", "_region"))
    # a rate at a comparable profile is published with its error only
    out <- c(out, if (kind == "note") found else found[-(3:4)])
  }
  as.data.frame(out)
}
profiles <- over(unique(published[published$perimetre_type != "region", c("methode", "vague", "perimetre_type", "perimetre")]), function(p) {
  found <- over(expand.grid(question = single, axis = names(axes)[-1], stringsAsFactors = FALSE), function(cell) {
    at_profile(cell$question, cell$axis, members_of(p), p$vague)
  })
  if (!is.null(found)) data.frame(p[c("vague", "perimetre_type", "perimetre")], found, row.names = NULL)
})
write(profiles, "profil")

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
